import MPushConnection
import MPushModel
import MPushSession
import MPushSupervision
import MPushTLS
import NIOCore

/// Looks whether a server opens sessions: without a user, and as a device of its own, so that nothing of the identity's is
/// disturbed. Used once.
final class EndpointProbe {
    let endpoint: Endpoint
    private let profile: IdentityProfile
    private let connections: ConnectionBuilder
    private let key: Int
    private var completion: ((Bool, LossCause?) -> Void)?
    private var connector: Connector?
    private var handler: ConnectionHandler?

    /// - Parameters:
    ///   - key: the number of the server's key.
    ///   - completion: called once, later, unless `cancel` comes before: whether the server opens sessions, and else why not.
    init(
        _ endpoint: Endpoint, as profile: IdentityProfile, by connections: ConnectionBuilder, key: Int,
        completion: @escaping (Bool, LossCause?) -> Void
    ) {
        self.endpoint = endpoint
        self.profile = profile
        self.connections = connections
        self.key = key
        self.completion = completion
    }

    func start() {
        let connector = connections.connector(to: endpoint) { [weak self] result in
            switch result {
            case .success(let channel): self?.open(channel)
            case .failure(let failure): self?.complete(false, failure.cause)
            }
        }
        self.connector = connector
        connector.start()
    }

    /// Whether its outcome is awaited.
    var isUnderWay: Bool { completion != nil }

    /// Gives up without a word.
    func cancel() {
        completion = nil
        connector?.cancel()
        handler?.close(.localStop)
    }

    private func open(_ channel: any Channel) {
        var session = profile.session
        session.deviceID += "-probe"
        let nobody = UserBinding(configured: profile.identity, override: .nobody)
        do {
            let handler = try connections.connection(
                to: endpoint, session: session, carryover: SessionCarryover(binding: nobody), ticket: nil,
                key: key, observer: self)
            self.handler = handler
            handler.start(on: channel)
        } catch {
            channel.close(promise: nil)
            complete(false, .ownFault(detail: "\(error)"))
        }
    }

    private func complete(_ isGood: Bool, _ cause: LossCause? = nil) {
        let completion = self.completion
        self.completion = nil
        completion?(isGood, cause)
    }
}

extension EndpointProbe: ConnectionObserver {
    func connectionSecured(_ info: TLSConnectionInfo?) {}
    func sessionStateChanged() {}

    func sessionReported(_ report: SessionReport) {
        guard case .opened = report else { return }
        handler?.close(.localStop)
        complete(true)
    }

    func ticketChanged(_ ticket: SessionTicket?) {}
    func messagesReceived(_ messages: [ReceivedMessage], user: String?) {}
    func requestCompleted(_ token: RequestToken, _ outcome: RequestOutcome) {}

    func connectionEnded(_ cause: LossCause) {
        handler = nil
        complete(false, cause)
    }
}

extension IdentityRunner {
    /// Asks `endpoint` beside the connection that is there.
    func look(at endpoint: Endpoint) {
        probe?.cancel()
        let key = keys.number(for: endpoint)
        let probe = EndpointProbe(endpoint, as: profile, by: connections, key: key) { [weak self] isGood, cause in
            if let cause { self?.keys.ended(cause, at: endpoint) }
            self?.tell { supervisor, now in supervisor.probed(endpoint, isGood: isGood, at: now) }
        }
        self.probe = probe
        probe.start()
    }

    /// What a probe under way would find is not wanted any more. It is made again where it is still wished for then.
    func giveUpProbe() {
        guard let probe, probe.isUnderWay else { return }
        probe.cancel()
        tell { supervisor, now in supervisor.probed(probe.endpoint, isGood: false, at: now) }
    }
}
