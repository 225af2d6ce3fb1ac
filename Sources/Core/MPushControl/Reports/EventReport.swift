package import MPushJSON
package import MPushModel

/// `GET /v1/events`: which events.
package struct EventQuestion: Equatable, Sendable {
    /// Only what comes after this number.
    package var after: UInt64 = 0
    /// 1 to 1000.
    package var limit = 100

    package init() {}
}

/// A page of events, oldest first.
package struct EventPage: ControlValue, ControlAnswer {
    package let events: [EventReport]
    /// The oldest that is still remembered; 0 for none.
    package let oldest: UInt64
    /// What `after` has to be for the next page; nil where this is the last.
    package var next: UInt64?

    package init(events: [EventReport], oldest: UInt64) {
        self.events = events
        self.oldest = oldest
    }
}

extension EventPage {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        events = try object.list("events")
        oldest = try object.number("oldest")
        next = try object.numberIfPresent("next")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("events", events)
        object.add("oldest", oldest)
        object.add("next", next)
        return object.json
    }
}

/// Something that happened to an identity's connection.
package struct EventReport: ControlValue {
    /// Counted up from 1 since the start.
    package let sequence: UInt64
    package let time: WallTime
    package let identity: String
    /// What happened, in a stable word: `online`, `connection-lost`, `read-missed` ...
    package let event: Word
    /// After it.
    package let state: ConnectionState
    /// The code of the loss, where it is one.
    package let cause: String?
    /// The line as the journal has it.
    package let text: String

    /// What happened, as far as it is known here.
    package enum Word: Equatable, Sendable {
        case known(IdentityEvent.Kind)
        /// A newer daemon's.
        case unknown(String)

        init(_ text: String) {
            self = IdentityEvent.Kind(rawValue: text).map(Word.known) ?? .unknown(text)
        }

        package var text: String {
            switch self {
            case .known(let kind): kind.rawValue
            case .unknown(let text): text
            }
        }
    }

    /// The report of `event`, after which its identity is in `state`.
    package init(sequence: UInt64, time: WallTime, event: IdentityEvent, state: ConnectionState) {
        self.sequence = sequence
        self.time = time
        self.state = state
        identity = event.identity
        self.event = .known(event.kind)
        cause = event.cause
        text = event.text
    }
}

extension EventReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        sequence = try object.number("sequence")
        time = try object.time("time")
        identity = try object.text("identity")
        event = Word(try object.text("event"))
        state = try object.word("state")
        cause = try object.textIfPresent("cause")
        text = try object.text("text")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("sequence", sequence)
        object.add("time", time)
        object.add("identity", identity)
        object.add("event", event.text)
        object.add("state", state.rawValue)
        object.add("cause", cause)
        object.add("text", text)
        return object.json
    }
}

/// Why a stream of lines is over.
package struct StreamEnd: ControlValue {
    /// In words.
    package let reason: String

    package init(reason: String) {
        self.reason = reason
    }
}

extension StreamEnd {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        reason = try object.text("reason")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("reason", reason)
        return object.json
    }
}
