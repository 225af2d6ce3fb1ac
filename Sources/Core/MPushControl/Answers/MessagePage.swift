package import MPushJSON

/// A page of messages.
package struct MessagePage: ControlValue {
    package let messages: [MessageReport]
    /// What `after` has to be for the next page; nil where this is the last.
    package var next: Int64?

    package init(messages: [MessageReport]) {
        self.messages = messages
    }
}

extension MessagePage {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        messages = try object.list("messages")
        next = try object.numberIfPresent("next")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("messages", messages)
        object.add("next", next)
        return object.json
    }
}
