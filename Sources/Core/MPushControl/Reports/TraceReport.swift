package import MPushJSON
package import MPushModel

/// What `GET /v1/messages/ID` says: what became of a message.
package struct TraceReport: ControlValue, ControlAnswer {
    package let message: StoredMessage
    /// Older messages with the same id, the newest first.
    package var others: [MessagePosition] = []
    /// How long after its arrival it was acknowledged to the server; nil where that is not known any more, or it was not.
    package var acknowledgedAfter: Duration?
    /// Whether a consumer has confirmed it.
    package var isConfirmed = false
    /// Whether the sender still waits to hear that one does.
    package var awaitsConfirmation = false
    package var deliveries: [DeliveryReport] = []

    package init(message: StoredMessage) {
        self.message = message
    }
}

extension TraceReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        message = try object.value("message")
        others = try object.numbers("others").map { MessagePosition(rawValue: $0) }
        acknowledgedAfter = try object.durationIfPresent("acknowledged_after_seconds")
        isConfirmed = try object.truth("confirmed")
        awaitsConfirmation = try object.truth("awaits_confirmation")
        deliveries = try object.list("deliveries")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("message", message)
        object.add("others", json: .array(others.map { .integer($0.rawValue) }))
        object.add("acknowledged_after_seconds", acknowledgedAfter)
        object.add("confirmed", isConfirmed)
        object.add("awaits_confirmation", awaitsConfirmation)
        object.add("deliveries", deliveries)
        return object.json
    }
}

/// What became of a message with a route or a named follower.
package struct DeliveryReport: ControlValue {
    package enum Kind: String, CaseIterable, Sendable {
        case route
        case follower
    }

    package enum State: String, CaseIterable, Sendable {
        /// The consumer began behind it.
        case before
        /// The route's filter does not want it.
        case passed
        case waiting
        /// An attempt is under way.
        case running
        /// Confirmed.
        case done
        /// Discarded as a dead letter.
        case discarded
        case dead
    }

    package let consumer: String
    package let kind: Kind
    package let state: State
    /// Whether the route is configured; a follower always is.
    package var isActive = true
    /// When it was done with, or given up.
    package var at: WallTime?
    /// Failed attempts.
    package var attempts: Int?
    /// What was wrong at the last attempt, or why it waits, in words.
    package var reason: String?
    package var nextAttempt: Duration?
    package var targetDownFor: Duration?

    package init(consumer: String, kind: Kind, state: State) {
        self.consumer = consumer
        self.kind = kind
        self.state = state
    }
}

extension DeliveryReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        consumer = try object.text("consumer")
        kind = try object.word("kind")
        state = try object.word("state")
        isActive = try object.truth("active")
        at = try object.timeIfPresent("at")
        attempts = try object.numberIfPresent("attempts")
        reason = try object.textIfPresent("reason")
        nextAttempt = try object.durationIfPresent("next_attempt_seconds")
        targetDownFor = try object.durationIfPresent("target_down_seconds")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("consumer", consumer)
        object.add("kind", kind.rawValue)
        object.add("state", state.rawValue)
        object.add("active", isActive)
        object.add("at", at)
        object.add("attempts", attempts)
        object.add("reason", reason)
        object.add("next_attempt_seconds", nextAttempt)
        object.add("target_down_seconds", targetDownFor)
        return object.json
    }
}

/// `GET /v1/messages/ID`: the newest message with an id, or the one at `#` and a position.
package struct TraceQuestion: ControlQuery {
    package static let parameters: [String] = []
    /// The longest id that is looked for, in bytes.
    package static let longestID = 1024

    package let id: String

    package init(id: String) {
        self.id = id
    }

    package init(_ parameters: QueryParameters) throws(Problem) {
        guard let id = parameters.pathName, (1...TraceQuestion.longestID).contains(id.utf8.count) else {
            throw parameters.wrong("id", "has to have 1 to \(TraceQuestion.longestID) bytes")
        }
        self.id = id
    }

    package var pairs: [(String, String?)] { [] }

    package var pathName: String? { id }
}
