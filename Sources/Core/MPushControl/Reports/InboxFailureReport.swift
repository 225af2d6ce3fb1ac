package import MPushJSON

/// Why the inbox cannot do its work.
package struct InboxFailureReport: ControlValue {
    /// `disk-full`, `read-only`, `damaged`, `disk`, `busy`
    package let kind: String
    /// In words, with the file.
    package let detail: String

    package init(kind: String, detail: String) {
        self.kind = kind
        self.detail = detail
    }
}

extension InboxFailureReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        kind = try object.text("kind")
        detail = try object.text("detail")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("kind", kind)
        object.add("detail", detail)
        return object.json
    }
}
