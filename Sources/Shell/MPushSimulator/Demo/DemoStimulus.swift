package import MPushWire

/// What the demo does to make something happen.
package enum DemoStimulus: Equatable, Sendable {
    case startDaemon
    /// A push to the demo's user.
    case push(String, flags: PacketFlags)
    /// A fault of the server, for the connections that are there.
    case inject(SimulatorFault)
}
