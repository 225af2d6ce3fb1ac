/// How a connection's health is watched, beside what the server asks for.
package struct HealthSettings: Equatable, Sendable {
    /// Beat at least this often; nil to beat as the server asks. It never makes beats rarer.
    package var pingEvery: Duration?
    /// How long the server may take to answer the heartbeat that follows a missed read; nil to wait for the second
    /// missed read as the Java client does.
    package var confirmation: Duration?

    package init(pingEvery: Duration? = nil, confirmation: Duration? = .seconds(10)) {
        self.pingEvery = pingEvery
        self.confirmation = confirmation
    }
}
