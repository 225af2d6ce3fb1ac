import MPushConfiguration
import MPushConnection
import MPushModel
import MPushPlatform
import MPushSession
import MPushTLS
import NIOCore

/// One connection of the walk: the daemon's own parts, whose news become events. It binds only when it is told to.
final class DoctorConnection {
    /// What happened.
    enum Event {
        /// TLS is done; nil over plain TCP. With the chain that was verified, empty where a session was resumed.
        case secured(TLSConnectionInfo?, chain: [TLSConnectionInfo.Peer])
        /// The stored session was refused; a handshake follows.
        case resumeRefused(reason: String)
        /// HANDSHAKE or FAST_CONNECT is answered.
        case opened(isResumed: Bool, heartbeat: Duration)
        case bound
        case heartbeatAnswered(roundTrip: Duration)
        /// The UNBIND is answered, or never will be.
        case unbound
        case messages(Int)
        /// The last one.
        case ended(LossCause)
    }

    private(set) var ticket: SessionTicket?
    private let onEvent: (Event) -> Void
    private let handler: ConnectionHandler
    private let channel: any Channel
    private let relay: Relay

    /// Takes over `channel`, which does not read yet. `start` begins.
    init(
        _ channel: any Channel, to endpoint: Endpoint, as profile: IdentityProfile, by builder: ConnectionBuilder,
        ticket: SessionTicket?, key: Int = 0, onEvent: @escaping (Event) -> Void
    ) throws {
        self.channel = channel
        self.onEvent = onEvent
        relay = Relay()
        handler = try builder.connection(
            to: endpoint, session: profile.session,
            carryover: SessionCarryover(binding: UserBinding(configured: profile.identity, override: .nobody)),
            ticket: ticket, key: key, observer: relay)
        relay.connection = self
    }

    /// What the server showed, until the end was told.
    var shownChain: [ShownCertificate] { handler.shownChain }

    /// Begins with TLS, or with the session where there is none.
    func start() {
        handler.start(on: channel)
    }

    func bind() {
        handler.tell { machine, now in machine.bindRequested(Request.bind, at: now) }
    }

    func unbind() {
        handler.tell { machine, now in machine.unbindRequested(Request.unbind, at: now) }
    }

    func close() {
        handler.close(.localStop)
    }

    fileprivate func tell(_ event: Event) {
        onEvent(event)
    }

    fileprivate func secured(_ info: TLSConnectionInfo?) {
        onEvent(.secured(info, chain: handler.verifiedChain))
    }

    fileprivate func keep(_ ticket: SessionTicket?) {
        self.ticket = ticket
    }
}

/// What the doctor asks of a session.
private enum Request {
    static let unbind = RequestToken(rawValue: 1)
    static let bind = RequestToken(rawValue: 2)
}

/// The driver holds its observer weakly and calls it while the connection is made: this stands in between.
private final class Relay: ConnectionObserver {
    weak var connection: DoctorConnection?

    func connectionSecured(_ info: TLSConnectionInfo?) { connection?.secured(info) }

    func sessionStateChanged() {}

    func sessionReported(_ report: SessionReport) {
        switch report {
        case .opened(let isResumed, let heartbeat):
            connection?.tell(.opened(isResumed: isResumed, heartbeat: heartbeat))
        case .online, .rebound: connection?.tell(.bound)
        case .resumeRefused(let reason): connection?.tell(.resumeRefused(reason: reason))
        case .heartbeatAnswered(let roundTrip): connection?.tell(.heartbeatAnswered(roundTrip: roundTrip))
        case .absurdHeartbeat, .readMissed, .readRecovered, .unbound, .userDropped, .unhandledCommand, .serverError,
            .kickForAnother, .kickAfterUnbind, .messageTooLong, .httpProxyUnsupported:
            break
        }
    }

    func ticketChanged(_ ticket: SessionTicket?) { connection?.keep(ticket) }

    func messagesReceived(_ messages: [ReceivedMessage], user: String?) { connection?.tell(.messages(messages.count)) }

    func requestCompleted(_ token: RequestToken, _ outcome: RequestOutcome) {
        if token == Request.unbind { connection?.tell(.unbound) }
    }

    func connectionEnded(_ cause: LossCause) { connection?.tell(.ended(cause)) }
}
