package import MPushJSON
package import MPushModel

/// What `GET /v1/status` says: all that `mpushctl status` shows.
package struct DaemonStatus: ControlValue, ControlAnswer {
    /// `1.0`
    package let version: String
    package let processID: Int32
    package let started: WallTime
    /// Since the start, sleep of the machine included.
    package let uptime: Duration
    package let configurationFile: String
    /// In the order of the configuration.
    package var identities: [IdentityReport] = []
    package var inbox: InboxStatus = InboxStatus()
    /// In the order of the configuration.
    package var routes: [RouteStatus] = []
    /// The followers of messages that are connected now.
    package var followers: [FollowerReport] = []

    package init(version: String, processID: Int32, started: WallTime, uptime: Duration, configurationFile: String) {
        self.version = version
        self.processID = processID
        self.started = started
        self.uptime = uptime
        self.configurationFile = configurationFile
    }
}

extension DaemonStatus {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        version = try object.text("version")
        processID = try object.number("pid")
        started = try object.time("started")
        uptime = try object.duration("uptime_seconds")
        configurationFile = try object.text("configuration_file")
        identities = try object.list("identities")
        inbox = try object.value("inbox")
        routes = try object.list("routes")
        followers = try object.list("followers")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("version", version)
        object.add("pid", processID)
        object.add("started", started)
        object.add("uptime_seconds", uptime)
        object.add("configuration_file", configurationFile)
        object.add("identities", identities)
        object.add("inbox", inbox)
        object.add("routes", routes)
        object.add("followers", followers)
        return object.json
    }
}

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
