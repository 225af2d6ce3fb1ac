package import MPushJSON
package import MPushModel

/// What `GET /v1/routes` says: the routes, in the order of the configuration.
package struct RouteList: ControlValue, ControlAnswer {
    package let routes: [RouteStatus]

    package init(routes: [RouteStatus]) {
        self.routes = routes
    }
}

extension RouteList {
    package init(json: JSONValue) throws(ControlError) {
        routes = try ObjectReader(json).list("routes")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("routes", routes)
        return object.json
    }
}

/// A route as it is after it was paused, or goes on.
extension RouteStatus: ControlAnswer {}

/// How a test of a route ended.
package struct RouteTestAnswer: ControlValue, ControlAnswer {
    package let route: String
    /// The id of the sample, by which the target can tell it: `mpushd-test-1795342272123`.
    package let id: String
    /// The stable word for it: `confirmed`.
    package let result: String
    /// What was wrong, in words; nil where nothing was.
    package let reason: String?
    package let took: Duration
    /// Whether the route's filter wants a message such as the sample.
    package let isWanted: Bool

    package init(route: String, id: String, _ result: AttemptResult, took: Duration, isWanted: Bool) {
        self.route = route
        self.id = id
        self.result = result.word
        self.took = took
        self.isWanted = isWanted
        reason =
            switch result {
            case .confirmed: nil
            case .unavailable(let reason), .failed(let reason, _), .rejected(let reason), .postponed(let reason): reason
            case .abandoned: "the route was stopped meanwhile"
            }
    }
}

extension RouteTestAnswer {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        route = try object.text("route")
        id = try object.text("id")
        result = try object.text("result")
        reason = try object.textIfPresent("reason")
        took = try object.duration("took_seconds")
        isWanted = try object.truth("wanted")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("route", route)
        object.add("id", id)
        object.add("result", result)
        object.add("reason", reason)
        object.add("took_seconds", took)
        object.add("wanted", isWanted)
        return object.json
    }
}
