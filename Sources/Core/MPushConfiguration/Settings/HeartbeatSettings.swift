/// `[heartbeat]`: how a dead connection is noticed (PROTOCOL.md section 6).
package struct HeartbeatSettings: Equatable, Sendable {
    /// What the handshake asks for: no heartbeats faster than this. A stock server does not look at it.
    package let minimum: Duration

    /// What the handshake asks for: no heartbeats slower than this. At least `minimum`.
    package let maximum: Duration

    /// Beat this often even where the server asks for less; nil for as often as the server asks.
    package let pingEvery: Duration?

    /// Whether the first missed read is followed by a heartbeat whose answer is awaited for `confirmationTimeout`.
    package let confirms: Bool

    /// How long the answer to the confirming heartbeat may take.
    package let confirmationTimeout: Duration
}

extension HeartbeatSettings {
    init(reading table: TableReader) {
        minimum = table.value("min", .duration(in: .seconds(2) ... .seconds(86_400)), default: .seconds(10))
        maximum = table.value("max", .duration(in: .seconds(2) ... .seconds(86_400)), default: .seconds(180))
        pingEvery = table.optional("ping_every", .duration(in: .seconds(5) ... .seconds(86_400)))
        confirms = table.value("confirm", .flag, default: true)
        confirmationTimeout = table.value(
            "confirm_timeout", .duration(in: .seconds(1) ... .seconds(60)), default: .seconds(10))
        table.checkOrder("min", minimum, "max", maximum)
    }
}
