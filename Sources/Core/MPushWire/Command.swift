/// What a frame is for: the `cmd` byte of its header (PROTOCOL.md section 1).
///
/// Any byte is a command; the ones that the protocol names have a name here, whether a client uses them or not.
package struct Command: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let heartbeat = Command(rawValue: 1)
    package static let handshake = Command(rawValue: 2)
    package static let login = Command(rawValue: 3)
    package static let logout = Command(rawValue: 4)
    package static let bind = Command(rawValue: 5)
    package static let unbind = Command(rawValue: 6)
    package static let fastConnect = Command(rawValue: 7)
    package static let pause = Command(rawValue: 8)
    package static let resume = Command(rawValue: 9)
    package static let error = Command(rawValue: 10)
    package static let ok = Command(rawValue: 11)
    package static let httpProxy = Command(rawValue: 12)
    package static let kick = Command(rawValue: 13)
    package static let gatewayKick = Command(rawValue: 14)
    package static let push = Command(rawValue: 15)
    package static let gatewayPush = Command(rawValue: 16)
    package static let notification = Command(rawValue: 17)
    package static let gatewayNotification = Command(rawValue: 18)
    package static let chat = Command(rawValue: 19)
    package static let gatewayChat = Command(rawValue: 20)
    package static let group = Command(rawValue: 21)
    package static let gatewayGroup = Command(rawValue: 22)
    package static let ack = Command(rawValue: 23)
    package static let nack = Command(rawValue: 24)

    private static let names: [Command: String] = [
        .heartbeat: "HEARTBEAT", .handshake: "HANDSHAKE", .login: "LOGIN", .logout: "LOGOUT", .bind: "BIND",
        .unbind: "UNBIND", .fastConnect: "FAST_CONNECT", .pause: "PAUSE", .resume: "RESUME", .error: "ERROR",
        .ok: "OK", .httpProxy: "HTTP_PROXY", .kick: "KICK", .gatewayKick: "GATEWAY_KICK", .push: "PUSH",
        .gatewayPush: "GATEWAY_PUSH", .notification: "NOTIFICATION", .gatewayNotification: "GATEWAY_NOTIFICATION",
        .chat: "CHAT", .gatewayChat: "GATEWAY_CHAT", .group: "GROUP", .gatewayGroup: "GATEWAY_GROUP", .ack: "ACK",
        .nack: "NACK",
    ]
}

extension Command: CustomStringConvertible {
    /// The protocol's name for the command, or `command 99` where it has none.
    package var description: String { Command.names[self] ?? "command \(rawValue)" }
}
