package import MPushJSON
package import MPushTime

/// What `GET /v1/status` says: all that `mpushctl status` shows.
package struct DaemonStatus: ControlValue {
    /// `1.0`
    package let version: String
    package let processID: Int32
    package let started: WallTime
    /// Since the start, sleep of the machine included.
    package let uptime: Duration
    package let configurationFile: String
    /// In the order of the configuration.
    package var identities: [IdentityReport] = []
    package var inbox: InboxReport = InboxReport()
    /// In the order of the configuration.
    package var routes: [RouteReport] = []
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
