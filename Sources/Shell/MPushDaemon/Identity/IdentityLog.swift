import MPushConfiguration
import MPushConnection
import MPushModel
import MPushPlatform
import MPushSession
import MPushSupervision
import MPushSystemd

/// Turns the reports of one identity's machines into lines of the journal: words for people, fields for programs.
struct IdentityLog {
    let log: Logger
    /// Stands before each line where there are several identities.
    let prefix: String
    private let allocator: [JournalField]

    /// The log of the identity `name`. Its name stands before each line where it `isOneOfSeveral`.
    init(_ log: Logger, name: String, isOneOfSeveral: Bool, allocator: HTTPURL?) {
        self.log = log.with([.identity(name)])
        self.allocator = allocator.map { [.allocator($0.withoutQuery)] } ?? []
        prefix = isOneOfSeveral ? "\(name): " : ""
    }

    func attempting(_ endpoint: Endpoint) {
        log.log(.debug, "\(prefix)connecting to \(endpoint)", [.state("connecting"), .endpoint("\(endpoint)")])
    }

    func write(_ report: SupervisorReport, user: String) {
        switch report {
        case .lost(.kicked, let endpoint, let boundFor, let next):
            kicked(from: endpoint, boundFor: boundFor, next: next, user: user)
        case .lost(let cause, let endpoint, let boundFor, let next):
            log.log(
                .connectionLost, level: cause.isIntended ? .info : nil,
                "\(prefix)connection to \(endpoint) \(cause.isIntended ? "closed" : "lost"): \(cause.sentence)"
                    + again(next),
                fields(cause, next: next, user: user) + [.endpoint("\(endpoint)"), .lasted(boundFor)])
        case .failed(let cause, let endpoint, let next):
            failed(cause, at: endpoint, next: next, user: user)
        case .stillTrying(let cause, let attempts, let silentFor, let next):
            stillTrying(cause, attempts: attempts, silentFor: silentFor, next: next, user: user)
        case .allocatorFailed(let detail, let fallback):
            log.log(
                .allocatorFailed, "\(prefix)the allocator did not help: \(detail); \(IdentityLog.words(for: fallback))",
                [.cause("allocator"), .causeDetail(detail), .user(user)] + allocator)
        case .hung(let cause, let endpoint):
            let place = endpoint.map { " to \($0)" } ?? ""
            log.log(
                .attemptFailed, level: .warning, "\(prefix)connection\(place) given up: \(cause.sentence)",
                [.cause(cause.code), .causeDetail(cause.sentence), .user(user)]
                    + (endpoint.map { [.endpoint("\($0)")] } ?? []))
        case .stopped:
            log.log(
                .notice, "\(prefix)staying away until SIGUSR1 or a restart", [.state("paused"), .user(user)])
        }
    }

    private func kicked(from endpoint: Endpoint, boundFor: Duration, next: Duration?, user: String) {
        let reaction = next.map { "waiting \($0.spoken) (on_kick = \"wait\")" } ?? "staying away (on_kick = \"stop\")"
        log.log(
            .kicked,
            "\(prefix)signed in elsewhere: \(endpoint) moved \(user) to another client of this type; \(reaction)",
            fields(.kicked, next: next, user: user) + [.endpoint("\(endpoint)"), .lasted(boundFor)])
    }

    private func failed(_ cause: LossCause, at endpoint: Endpoint?, next: Duration?, user: String) {
        let place = endpoint.map { " to \($0)" } ?? ""
        let more: [JournalField] = endpoint.map { [.endpoint("\($0)")] } ?? []
        log.log(
            IdentityLog.event(for: cause), "\(prefix)no connection\(place): \(cause.sentence)\(again(next))",
            fields(cause, next: next, user: user) + more)
    }

    private func stillTrying(
        _ cause: LossCause, attempts: Int, silentFor: Duration, next: Duration, user: String
    ) {
        let now = BootClock.wall()
        let since = WallTime(
            millisecondsSince1970: now.millisecondsSince1970 &- silentFor.wholeMilliseconds)
        log.log(
            .waiting,
            "\(prefix)no connection since \(since.spoken(at: now)), \(attempts) attempts, last: "
                + "\(cause.sentence); still trying\(next == .zero ? "" : ", next in \(next.spoken)")",
            fields(cause, next: next, user: user) + [.attempts(attempts), .lasted(silentFor)])
    }

    private func again(_ next: Duration?) -> String {
        switch next {
        case nil: ""
        case .zero?: "; trying at once"
        case let next?: "; again in \(next.spoken)"
        }
    }

    private func fields(_ cause: LossCause, next: Duration?, user: String) -> [JournalField] {
        var fields: [JournalField] = [
            .state(next == nil ? "paused" : "waiting"), .cause(cause.code), .causeDetail(cause.sentence), .user(user),
        ]
        if let next { fields.append(.nextAttempt(next)) }
        if case .tls(let failure) = cause { fields.append(.tlsFailure(failure.code)) }
        if case .missedReads(let count, let silence) = cause { fields += [.missedReads(count), .silence(silence)] }
        return fields
    }

    private static func event(for cause: LossCause) -> LogEvent {
        switch cause {
        case .tls: .tlsRefused
        case .bind: .bindRejected
        case .allocator: .allocatorFailed
        case .protocolError: .protocolError
        case .resolve, .connect, .handshake, .missedReads, .kicked, .closedByPeer, .reset, .operatorRequest,
            .reconfigured, .paused, .localStop, .ownFault:
            .attemptFailed
        }
    }

    private static func words(for fallback: SupervisorReport.AllocatorFallback) -> String {
        switch fallback {
        case .lastAnswer: "trying the servers of its last answer"
        case .configuredEndpoints: "trying the configured servers"
        case .nothing: "no server is known"
        }
    }
}
