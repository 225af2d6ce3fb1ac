package import NIOCore

/// What a frame from the server says, once its body is plain.
package enum ServerMessage: Equatable, Sendable {
    case handshake(HandshakeAnswer)
    case fastConnect(FastConnectAnswer)
    case ok(OkAnswer)
    case error(ErrorAnswer)
    case kick(KickMessage)
    case push(content: ByteBuffer)
    case ack
    case httpProxy(HTTPProxyAnswer)
    /// The heartbeat's command in a frame: the peers take it for a heartbeat.
    case framedHeartbeat
    /// A command that no server sends to a client, or that the protocol does not know.
    case unhandled(Command)

    /// Reads the plain `body` of a frame with `command`.
    package init(command: Command, body: ByteBuffer) throws(WireError) {
        switch command {
        case .handshake: self = .handshake(try HandshakeAnswer(decoding: body, of: command))
        case .fastConnect: self = .fastConnect(try FastConnectAnswer(decoding: body, of: command))
        case .ok: self = .ok(try OkAnswer(decoding: body, of: command))
        case .error: self = .error(try ErrorAnswer(decoding: body, of: command))
        case .kick: self = .kick(try KickMessage(decoding: body, of: command))
        case .push: self = .push(content: body)
        case .ack: self = .ack
        case .httpProxy: self = .httpProxy(try HTTPProxyAnswer(decoding: body, of: command))
        case .heartbeat: self = .framedHeartbeat
        default: self = .unhandled(command)
        }
    }
}

/// What a frame from a client says, once its body is plain: the simulator's side of the wire.
package enum ClientMessage: Equatable, Sendable {
    case handshake(HandshakeRequest)
    case fastConnect(FastConnectRequest)
    case bind(BindRequest)
    case unbind(BindRequest)
    case push(content: ByteBuffer)
    case ack
    case httpProxy(HTTPProxyRequest)
    /// The heartbeat's command in a frame: the server takes it for a heartbeat.
    case framedHeartbeat
    /// A command that no client sends, or that the protocol does not know.
    case unhandled(Command)

    /// Reads the plain `body` of a frame with `command`.
    package init(command: Command, body: ByteBuffer) throws(WireError) {
        switch command {
        case .handshake: self = .handshake(try HandshakeRequest(decoding: body, of: command))
        case .fastConnect: self = .fastConnect(try FastConnectRequest(decoding: body, of: command))
        case .bind: self = .bind(try BindRequest(decoding: body, of: command))
        case .unbind: self = .unbind(try BindRequest(decoding: body, of: command))
        case .push: self = .push(content: body)
        case .ack: self = .ack
        case .httpProxy: self = .httpProxy(try HTTPProxyRequest(decoding: body, of: command))
        case .heartbeat: self = .framedHeartbeat
        default: self = .unhandled(command)
        }
    }
}
