package import MPushJSON

/// Why a stream of lines is over.
package struct StreamEnd: ControlValue {
    /// In words.
    package let reason: String

    package init(reason: String) {
        self.reason = reason
    }
}

extension StreamEnd {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        reason = try object.text("reason")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("reason", reason)
        return object.json
    }
}
