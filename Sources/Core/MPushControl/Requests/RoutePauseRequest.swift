package import MPushJSON
package import MPushModel

/// `POST /v1/routes/NAME/pause`: the route hands nothing over, also after a restart.
package struct RoutePauseRequest: ControlRequest {
    /// No longer than a year: what is to stay away for longer is better left out of the configuration.
    package static let longest = Duration.seconds(365 * 86_400)
    package static var body: EndpointDeclaration.Body { .optional }

    package let route: String
    package let pause: RoutePause

    package init(route: String, _ pause: RoutePause) {
        self.route = route
        self.pause = pause
    }

    package init(name: String?, json: JSONValue?) throws(ControlError) {
        guard let name else { throw ControlError(at: "", "is missing") }
        route = name
        guard let json else {
            pause = .untilResumed
            return
        }
        let object = try ObjectReader(json)
        try object.allowOnly("for_seconds")
        guard let time = try object.durationIfPresent("for_seconds") else {
            pause = .untilResumed
            return
        }
        guard time >= .seconds(1), time <= RoutePauseRequest.longest else {
            throw ControlError(at: "/for_seconds", "is not from 1 to 31536000 (a year)")
        }
        pause = .lasting(time)
    }

    package var pathName: String? { route }

    package var content: JSONValue? {
        switch pause {
        case .untilResumed: nil
        case .lasting(let time): .object(["for_seconds": time.secondsJSON])
        }
    }
}

/// `POST /v1/routes/NAME/resume`
package struct RouteResumeRequest: ControlRequest {
    package static var body: EndpointDeclaration.Body { .none }

    package let route: String

    package init(route: String) {
        self.route = route
    }

    package init(name: String?, json: JSONValue?) throws(ControlError) {
        guard let name else { throw ControlError(at: "", "is missing") }
        route = name
    }

    package var pathName: String? { route }

    package var content: JSONValue? { nil }
}

/// `POST /v1/routes/NAME/test`: a sample goes to the route's target, once.
package struct RouteTestRequest: ControlRequest {
    package static var body: EndpointDeclaration.Body { .optional }

    package let route: String
    /// As if it had been pushed to this identity; nil for the first of the configuration.
    package var identity: String?
    /// Its content; nil for one that says what it is.
    package var sample: MessageContent?

    package init(route: String) {
        self.route = route
    }

    package init(name: String?, json: JSONValue?) throws(ControlError) {
        guard let name else { throw ControlError(at: "", "is missing") }
        route = name
        guard let json else { return }
        let object = try ObjectReader(json)
        try object.allowOnly("identity", "content", "content_base64")
        identity = try object.textIfPresent("identity")
        sample = try object.contentIfPresent("content")
    }

    package var pathName: String? { route }

    package var content: JSONValue? {
        var object = ObjectWriter()
        object.add("identity", identity)
        if let sample { object.add("content", content: sample) }
        return object.json
    }
}
