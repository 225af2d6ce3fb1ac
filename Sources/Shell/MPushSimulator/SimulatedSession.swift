package import MPushTime
package import MPushWire
import NIOCore

/// One connection as the real server sees it: told what the client sent, it says what is answered (PROTOCOL.md
/// sections 4 and 5). A pure value; what connections share is lent to it.
package struct SimulatedSession: Sendable {
    package let id: ConnectionID
    /// Empty before the handshake.
    package internal(set) var deviceID = ""
    package internal(set) var clientType = ClientType.unknown
    /// Who is bound; nil for nobody.
    package internal(set) var user: String?
    /// Of the last BIND, joined with commas.
    package internal(set) var tags = ""
    /// What `SimulatorFault` asks for.
    package var behaviour = ConnectionBehaviour()
    private var readCheck: ReadCheck

    /// A connection accepted at `now`. `checkDue` is to be called after `settings.firstReadCheck`.
    package init(id: ConnectionID, settings: SimulatedServerSettings, at now: Instant) {
        self.id = id
        readCheck = ReadCheck(
            firstInterval: settings.firstReadCheck, forgiven: settings.forgivenMissedReads, at: now)
    }

    /// Any byte counts.
    package mutating func dataRead(at now: Instant) {
        readCheck.dataRead(at: now)
    }

    /// The moment that the last verdict named has come. A silent server never closes.
    package mutating func checkDue(at now: Instant) -> ReadCheck.Verdict {
        if behaviour.isSilent || !behaviour.reads { readCheck.dataRead(at: now) }
        return readCheck.checkDue(at: now)
    }

    /// The single byte came.
    package mutating func heartbeatReceived(in registry: inout ServerRegistry) -> [Action] {
        registry.statistics.heartbeats += 1
        return behaviour.answersHeartbeats ? [.record(.heartbeat), .beat] : [.record(.heartbeat)]
    }

    /// A frame came whose body was opened, HANDSHAKE excepted: see `handshakeReceived`.
    package mutating func messageReceived(
        _ message: ClientMessage, _ header: RequestHeader, in registry: inout ServerRegistry, at now: Instant
    ) -> [Action] {
        switch message {
        case .fastConnect(let request): fastConnectReceived(request, header, in: &registry, at: now)
        case .bind(let request): bindReceived(request, header, in: &registry)
        case .unbind: unbindReceived(header, in: &registry)
        case .push(let content): pushReceived(bytes: content.readableBytes, header)
        case .ack: [.settle(number: header.number)]
        case .httpProxy(let request): httpProxyReceived(request, header, in: &registry)
        case .framedHeartbeat: heartbeatReceived(in: &registry)
        case .handshake, .unhandled: refuse(header, .unsupportedCommand, "unsupported command", in: &registry)
        }
    }

    /// A frame came whose body could not be decrypted, inflated or read.
    package func unreadableReceived(_ header: RequestHeader, in registry: inout ServerRegistry) -> [Action] {
        if header.command == .httpProxy && !registry.settings.servesHTTPProxy {
            return refuse(header, .unsupportedCommand, "unsupported command", in: &registry)
        }
        return refuse(header, .dispatchError, "handle message error", in: &registry)
    }

    /// The connection is gone.
    package mutating func closed(in registry: inout ServerRegistry) {
        if let user { registry.unregister(user, clientType, at: id) }
        user = nil
    }

    /// The heartbeat that is agreed, as the client is told it.
    mutating func agreeOnHeartbeat(clientMaximum: Duration, settings: SimulatedServerSettings) -> Duration {
        let heartbeat = settings.heartbeat(clientMaximum: clientMaximum)
        readCheck.heartbeatAgreed(heartbeat)
        return behaviour.toldHeartbeat ?? heartbeat
    }

    private func pushReceived(bytes: Int, _ header: RequestHeader) -> [Action] {
        let received = Action.record(.pushReceived(bytes: bytes))
        guard header.flags.contains(.autoAck) else { return [received] }
        return [received, .send(PlainFrame(.ack, number: header.number, isSealed: false))]
    }
}
