import MPushJSON
package import MPushModel

/// The orders in which messages are listed.
private enum ListOrder: String, CaseIterable {
    case oldest
    case newest
}

extension QueryParameters {
    /// How many a page has at most.
    fileprivate static let pageLimits = 1...1000

    fileprivate func position(_ name: String) throws(Problem) -> MessagePosition {
        MessagePosition(rawValue: try number(name, in: 0...Int64.max) ?? 0)
    }
}

extension MessageQuery: ControlQuery {
    package static let parameters = [
        "after", "limit", "identity", "id", "route", "state", "order", "user", "since", "text",
    ]

    package init(_ parameters: QueryParameters) throws(Problem) {
        self.init()
        after = try parameters.position("after")
        limit = try parameters.number("limit", in: QueryParameters.pageLimits) ?? limit
        identity = parameters["identity"]
        id = parameters["id"]
        consumer = parameters["route"].map(ConsumerName.route)
        state = try parameters.word("state")
        user = parameters["user"]
        since = try parameters.time("since")
        text = parameters["text"]
        if let text, !(1...MessageQuery.longestText).contains(text.utf8.count) {
            throw parameters.wrong("text", "has to have 1 to \(MessageQuery.longestText) bytes")
        }
        isNewestFirst = try parameters.word("order", as: ListOrder.self) == .newest
        guard (consumer == nil) == (state == nil) else {
            throw Problem(.badValue, "the parameters route and state go together: a state is that with a route")
        }
    }

    package var pairs: [(String, String?)] {
        let route: String? =
            switch consumer {
            case .route(let name)?: name
            case .follower?, nil: nil
            }
        return [
            ("after", after == .start ? nil : String(after.rawValue)), ("limit", String(limit)),
            ("identity", identity), ("id", id), ("route", route), ("state", state?.rawValue),
            ("order", isNewestFirst ? ListOrder.newest.rawValue : nil), ("user", user), ("since", since?.rfc3339),
            ("text", text),
        ]
    }
}

extension DeadLetterQuery: ControlQuery {
    package static let parameters = ["route", "after", "after_route", "limit"]

    package init(_ parameters: QueryParameters) throws(Problem) {
        self.init(
            route: parameters["route"], after: try parameters.position("after"),
            afterRoute: parameters["after_route"])
        limit = try parameters.number("limit", in: QueryParameters.pageLimits) ?? limit
    }

    package var pairs: [(String, String?)] {
        [
            ("route", route), ("after", after == .start ? nil : String(after.rawValue)), ("after_route", afterRoute),
            ("limit", String(limit)),
        ]
    }
}

extension EventQuestion: ControlQuery {
    package static let parameters = ["after", "limit"]

    package init(_ parameters: QueryParameters) throws(Problem) {
        self.init()
        after = try parameters.number("after", in: 0...UInt64(Int64.max)) ?? after
        limit = try parameters.number("limit", in: QueryParameters.pageLimits) ?? limit
    }

    package var pairs: [(String, String?)] { [("after", String(after)), ("limit", String(limit))] }
}

/// `GET /v1/events/follow`: from where.
package struct EventStart: ControlQuery {
    package static let parameters = ["after"]

    /// Only what comes after this number.
    package let after: UInt64

    package init(after: UInt64) {
        self.after = after
    }

    package init(_ parameters: QueryParameters) throws(Problem) {
        after = try parameters.number("after", in: 0...UInt64(Int64.max)) ?? 0
    }

    package var pairs: [(String, String?)] { [("after", String(after))] }
}

extension FollowQuestion: ControlQuery {
    package static let parameters = ["consumer", "from", "window"]

    package init(_ parameters: QueryParameters) throws(Problem) {
        self.init()
        consumer = parameters["consumer"]
        if let consumer, !FollowerName.isName(consumer) {
            throw Problem(
                .badValue, FollowerName.rule("the parameter consumer"), ["parameter": .string("consumer")])
        }
        start = try parameters.word("from") ?? start
        window = try parameters.number("window", in: 1...10_000)
        if window != nil, consumer == nil {
            throw parameters.wrong("window", "is for a named consumer: a tail acknowledges nothing")
        }
    }

    package var pairs: [(String, String?)] {
        [("consumer", consumer), ("from", start.rawValue), ("window", window.map { String($0) })]
    }

    /// A named follower is remembered, and takes the place of another of the name.
    package var isChange: Bool { consumer != nil }
}

/// The names of followers.
package enum FollowerName {
    /// Whether `text` can name a follower.
    package static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && !text.hasPrefix(".")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// What is wrong with a name, in words.
    package static func rule(_ what: String) -> String {
        "\(what) is not one: 1 to 64 letters, digits, dots, hyphens and underscores, without a dot at the start"
    }
}
