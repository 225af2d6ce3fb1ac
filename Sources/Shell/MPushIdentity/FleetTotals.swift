/// What happened to identities together.
package struct FleetTotals {
    package private(set) var connections = IdentityCounters()
    package private(set) var messages = MessageCounters()

    /// Takes in what has happened to one.
    mutating func add(_ runner: IdentityRunner) {
        connections.add(runner.totals)
        messages.add(runner.messageCounters)
    }
}
