package import MPushJSON
import MPushModel

/// `GET /readyz`, `GET /healthz`: of what, and how much is told.
package struct HealthQuestion: ControlQuery {
    package static let parameters = ["identity", "verbose"]

    /// Only whether this one is bound; nil for all of them.
    package var identity: String?
    /// Whether each thing that was looked at is told, with its reason.
    package var isVerbose = false

    package init() {}

    package init(_ parameters: QueryParameters) throws(Problem) {
        identity = parameters["identity"]
        isVerbose = try parameters.flag("verbose")
    }

    package var pairs: [(String, String?)] { [("identity", identity), ("verbose", isVerbose ? "true" : nil)] }
}

/// What `GET /readyz` says: whether messages come and can be kept.
package struct HealthReport: ControlValue, ControlAnswer {
    /// Whether every identity that was asked about is bound, and the inbox stores.
    package let isHealthy: Bool
    package let identities: [IdentityState]
    /// What was looked at; nil where that was not asked for.
    package var checks: [CheckReport]?

    package init(isHealthy: Bool, identities: [IdentityState]) {
        self.isHealthy = isHealthy
        self.identities = identities
    }
}

extension HealthReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        isHealthy = try object.truth("healthy")
        identities = try object.list("identities")
        checks = json["checks"] == nil ? nil : try object.list("checks")
    }

    /// 503 while something is wrong, for those who look at the status alone.
    package var status: Int { isHealthy ? 200 : 503 }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("healthy", isHealthy)
        object.add("identities", identities)
        if let checks { object.add("checks", checks) }
        return object.json
    }
}

/// Something that was looked at, and how it was found.
package struct CheckReport: ControlValue {
    /// `inbox`, `identity alice`
    package let name: String
    package let isGood: Bool
    /// In words.
    package let detail: String

    package init(name: String, isGood: Bool, detail: String) {
        self.name = name
        self.isGood = isGood
        self.detail = detail
    }
}

extension CheckReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        name = try object.text("check")
        isGood = try object.truth("ok")
        detail = try object.text("detail")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("check", name)
        object.add("ok", isGood)
        object.add("detail", detail)
        return object.json
    }
}

/// What `GET /livez` says: whether the daemon still does its work. Servers, disks and networks that are away do not count.
package struct LiveReport: ControlValue, ControlAnswer {
    /// The part that does not answer: `the inbox`, `identity alice`; nil where all do.
    package let stuck: String?

    package var isLive: Bool { stuck == nil }

    package init(stuck: String?) {
        self.stuck = stuck
    }
}

extension LiveReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        stuck = try object.textIfPresent("stuck")
        guard try object.truth("live") == (stuck == nil) else { throw ControlError(at: "/live", "contradicts /stuck") }
    }

    /// 503 where only a restart helps.
    package var status: Int { isLive ? 200 : 503 }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("live", isLive)
        object.add("stuck", stuck)
        return object.json
    }
}
