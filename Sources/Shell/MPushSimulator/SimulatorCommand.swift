package import MPushWire

/// What can be typed to a simulator while it runs.
package enum SimulatorCommand: Equatable, Sendable {
    /// An empty line.
    case nothing
    case help
    case push(user: String, text: String, flags: PacketFlags)
    case broadcast(tag: String, text: String, flags: PacketFlags)
    case flood(user: String, count: Int, size: Int)
    case inject(SimulatorFault, into: FaultTarget)
    /// Gives up a fault; nil for all.
    case lift(SimulatorFault?)
    case list
    case statistics
    case quit
}
