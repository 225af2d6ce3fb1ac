package import MPushWire

/// What a frame from a client says besides its body.
package struct RequestHeader: Equatable, Sendable {
    package let command: Command
    package let flags: PacketFlags
    /// The frame's sessionId: an answer repeats it.
    package let number: Int32

    package init(command: Command, flags: PacketFlags, number: Int32) {
        self.command = command
        self.flags = flags
        self.number = number
    }

    package init(_ frame: Frame) {
        self.init(command: frame.command, flags: frame.flags, number: frame.sessionID)
    }
}
