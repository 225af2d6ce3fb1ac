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
