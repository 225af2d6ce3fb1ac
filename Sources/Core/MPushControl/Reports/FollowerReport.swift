package import MPushJSON

/// A client of the local API that follows messages, or events, now.
package struct FollowerReport: ControlValue {
    /// Its name; nil for a tail, which has none.
    package var consumer: String?
    /// Whose process it is; nil where the daemon's user namespace hides it.
    package let userID: UInt32?
    /// 0 where it is in another process namespace.
    package let processID: Int32
    package let connectedFor: Duration
    /// Lines sent to it.
    package let sent: UInt64
    /// Whether it takes nothing at the moment.
    package let isStalled: Bool

    package init(userID: UInt32?, processID: Int32, connectedFor: Duration, sent: UInt64, isStalled: Bool) {
        self.userID = userID
        self.processID = processID
        self.connectedFor = connectedFor
        self.sent = sent
        self.isStalled = isStalled
    }
}

extension FollowerReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        consumer = try object.textIfPresent("consumer")
        userID = try object.numberIfPresent("uid")
        processID = try object.number("pid")
        connectedFor = try object.duration("connected_seconds")
        sent = try object.number("sent")
        isStalled = try object.truth("stalled")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("consumer", consumer)
        object.add("uid", userID)
        object.add("pid", processID)
        object.add("connected_seconds", connectedFor)
        object.add("sent", sent)
        object.add("stalled", isStalled)
        return object.json
    }
}
