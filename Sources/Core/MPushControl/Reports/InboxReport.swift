package import MPushJSON

/// The inbox at a moment; its counters are since the start.
package struct InboxReport: ControlValue {
    /// In it now.
    package var messages = 0
    /// Of their content.
    package var bytes = 0
    /// Of the last that was stored; 0 for none.
    package var lastPosition: Int64 = 0
    package var stored: UInt64 = 0
    package var duplicates: UInt64 = 0
    /// For want of room.
    package var refused: UInt64 = 0
    /// Because of a failure.
    package var failed: UInt64 = 0
    /// Those that gave way to others, or to their age, while somebody waited for them.
    package var dropped: UInt64 = 0
    /// Why nothing can be stored now; nil while all is well.
    package var failure: InboxFailureReport?
    package var isFull = false
    /// Where a damaged database was set aside by this process.
    package var setAside: String?
    /// Messages on their way to the disk.
    package var waiting = 0

    package init() {
    }
}

extension InboxReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        messages = try object.number("messages")
        bytes = try object.number("bytes")
        lastPosition = try object.number("last_position")
        stored = try object.number("stored")
        duplicates = try object.number("duplicates")
        refused = try object.number("refused")
        failed = try object.number("failed")
        dropped = try object.number("dropped")
        failure = try object.valueIfPresent("failure")
        isFull = try object.truth("full")
        setAside = try object.textIfPresent("set_aside")
        waiting = try object.number("waiting")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("messages", messages)
        object.add("bytes", bytes)
        object.add("last_position", lastPosition)
        object.add("stored", stored)
        object.add("duplicates", duplicates)
        object.add("refused", refused)
        object.add("failed", failed)
        object.add("dropped", dropped)
        object.add("failure", failure)
        object.add("full", isFull)
        object.add("set_aside", setAside)
        object.add("waiting", waiting)
        return object.json
    }
}

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
