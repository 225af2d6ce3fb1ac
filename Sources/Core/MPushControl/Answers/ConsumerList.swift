package import MPushJSON

/// The named followers.
package struct ConsumerList: ControlValue {
    package let consumers: [ConsumerReport]

    package init(consumers: [ConsumerReport]) {
        self.consumers = consumers
    }
}

extension ConsumerList {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        consumers = try object.list("consumers")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("consumers", consumers)
        return object.json
    }
}
