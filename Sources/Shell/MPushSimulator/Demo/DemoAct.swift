package import MPushWire

/// A part of the demo: what is done, and all that must come of it. An act is over when all of that was seen, in whatever
/// order.
package struct DemoAct: Equatable, Sendable {
    /// Says what is about to happen, in one plain sentence.
    package let caption: String
    package let stimuli: [DemoStimulus]
    /// When the expectations' time began, to stand after "within 10 s".
    package let occasion: String
    package let expectations: [DemoExpectation]

    package init(
        _ caption: String, _ stimuli: [DemoStimulus], occasion: String, expecting expectations: [DemoExpectation]
    ) {
        self.caption = caption
        self.stimuli = stimuli
        self.occasion = occasion
        self.expectations = expectations
    }

    /// Whether `observation` belongs to what this act is about.
    func provides(for observation: DemoObservation) -> Bool {
        expectations.contains { $0.patterns.contains { $0.matches(observation) } }
    }
}

/// What the demo does to make something happen.
package enum DemoStimulus: Equatable, Sendable {
    case startDaemon
    /// A push to the demo's user.
    case push(String, flags: PacketFlags)
    /// A fault of the server, for the connections that are there.
    case inject(SimulatorFault)
}

/// What must be seen after an act has begun.
package struct DemoExpectation: Equatable, Sendable {
    /// A noun phrase without an article, so that "no" can stand before it.
    package let what: String
    /// What must be observed, in this order, with anything between. What the server saw must all be of one connection.
    package let patterns: [DemoPattern]
    /// Since the act began.
    package let deadline: Duration

    package init(_ what: String, _ patterns: [DemoPattern], within deadline: Duration = .seconds(10)) {
        self.what = what
        self.patterns = patterns
        self.deadline = deadline
    }
}

/// What an observation must be like.
package enum DemoPattern: Equatable, Sendable {
    // What the server saw.
    case secured(isResumed: Bool)
    case handshaken
    case resumed
    case bound(user: String)
    case heartbeat
    case acknowledged
    case refused(Command)
    case closed(CloseReason)

    // What mpushd wrote: a line with these fragments, in this order.
    case log([String])
    case message([String])

    package func matches(_ observation: DemoObservation) -> Bool {
        switch (self, observation) {
        case (.log(let fragments), .log(let line)): line.text.contains(inOrder: fragments)
        case (.message(let fragments), .message(let line)): line.contains(inOrder: fragments)
        case (_, .server(let event)): matches(event.kind)
        case (_, .log), (_, .message): false
        }
    }

    private func matches(_ kind: SimulatorEvent.Kind) -> Bool {
        switch (self, kind) {
        case (.secured(let expected), .secured(_, let isResumed)): expected == isResumed
        case (.handshaken, .handshaken), (.resumed, .resumed), (.heartbeat, .heartbeat): true
        case (.acknowledged, .acknowledged): true
        case (.bound(let expected), .bound(let user, _)): expected == user
        case (.refused(let expected), .refused(let command, _)): expected == command
        case (.closed(let expected), .closed(let reason)): expected == reason
        default: false
        }
    }
}

extension String {
    fileprivate func contains(inOrder fragments: [String]) -> Bool {
        var rest = self[...]
        for fragment in fragments {
            guard let range = rest.firstRange(of: fragment) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}

/// An expectation, and how far it is met.
struct PendingExpectation: Equatable, Sendable {
    let expectation: DemoExpectation
    private var matched = 0
    private var connection: ConnectionID?

    init(_ expectation: DemoExpectation) {
        self.expectation = expectation
    }

    var isMet: Bool { matched == expectation.patterns.count }

    /// Takes `observation` into account.
    mutating func observe(_ observation: DemoObservation) {
        guard !isMet else { return }
        guard case .server(let event) = observation, let origin = event.connection else {
            return advance(if: expectation.patterns[matched].matches(observation))
        }
        // A new connection may be the one: what the last one did counts no more.
        if let connection, origin != connection, expectation.patterns[0].matches(observation) { matched = 0 }
        guard matched == 0 || origin == connection else { return }
        guard expectation.patterns[matched].matches(observation) else { return }
        connection = origin
        matched += 1
    }

    private mutating func advance(if isMatch: Bool) {
        if isMatch { matched += 1 }
    }
}
