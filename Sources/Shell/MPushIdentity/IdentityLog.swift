import MPushConfiguration
import MPushConnection
import MPushControl
package import MPushModel
package import MPushPlatform
package import MPushSession
package import MPushSupervision
package import MPushSystemd
import MPushTLS
import MPushWire
import NIOCore

/// Turns the reports of one identity's machines into lines of the journal: words for people, fields for programs.
package struct IdentityLog {
    package let log: Logger
    private let journal: FleetJournal
    private let name: String
    /// Stands before each line where there are several identities.
    package let prefix: String
    private let allocator: [JournalField]
    private let clock: any ClockSource
    private var repeats = RepeatDigest()

    /// The log of the identity `name`. Its name stands before each line where it `isOneOfSeveral`.
    package init(
        _ journal: FleetJournal, name: String, isOneOfSeveral: Bool, allocator: HTTPURL?, clock: any ClockSource
    ) {
        self.clock = clock
        self.journal = journal
        self.name = name
        log = journal.log.with([.identity(name)])
        self.allocator = allocator.map { [.allocator($0.withoutQuery)] } ?? []
        prefix = isOneOfSeveral ? "\(name): " : ""
    }

    /// Something has happened, as a fact and as a line. `place` is the server that it is about.
    private func record(
        _ kind: IdentityEvent.Kind, level: LogLevel? = nil, _ state: ConnectionState?, at place: Endpoint? = nil,
        cause: String? = nil, _ text: String, _ fields: @autoclosure () -> [JournalField]
    ) {
        let event = IdentityEvent(identity: name, kind: kind, state: state, cause: cause, text: prefix + text)
        journal.record(event, at: place, level: level, to: log, fields())
    }

    package func attempting(_ endpoint: Endpoint) {
        log.log(.debug, "\(prefix)connecting to \(endpoint)", [.state(.connecting), .endpoint("\(endpoint)")])
    }

    /// `state` is the search's after it, `outage` what it is a search in.
    package func write(
        _ report: SupervisorReport, user: String, outage: OutageWatch.Outage?, state: ConnectionState
    ) {
        switch report {
        case .lost(.kicked, let endpoint, let boundFor, let next):
            kicked(from: endpoint, boundFor: boundFor, next: next, user: user, state: state)
        case .lost(let cause, let endpoint, let boundFor, let next):
            record(
                .connectionLost, level: cause.isIntended ? .info : nil, state, at: endpoint,
                cause: cause.code,
                "connection to \(endpoint) \(cause.isIntended ? "closed" : "lost"): \(cause.sentence)"
                    + again(next, state),
                fields(cause, next: next, user: user, state) + [.endpoint("\(endpoint)"), .lasted(boundFor)])
        case .failed(let cause, let endpoint, let next):
            failed(cause, at: endpoint, next: next, user: user, state)
        case .noNetwork:
            record(
                .waiting, state, OutageText.Next.state(.noNetwork, for: nil).text, [.state(state), .user(user)])
        case .stillTrying(let cause, let attempts, let next):
            stillTrying(cause, attempts: attempts, outage, next: next, user: user, state)
        case .allocatorFailed(let detail, let fallback):
            record(
                .allocatorFailed, nil, cause: "allocator",
                "the allocator named no server: \(detail); \(IdentityLog.text(for: fallback))",
                [.cause("allocator"), .causeDetail(detail), .user(user)] + allocator)
        case .hung(let cause, let endpoint):
            let place = endpoint.map { " to \($0)" } ?? ""
            record(
                .attemptFailed, level: .warning, nil, at: endpoint, cause: cause.code,
                "connection\(place) given up: \(cause.sentence)",
                [.cause(cause.code), .causeDetail(cause.sentence), .user(user)]
                    + (endpoint.map { [.endpoint("\($0)")] } ?? []))
        case .stopped:
            log.log(
                .notice, "\(prefix)staying away until `mpushctl resume`, SIGUSR1 or a restart",
                [.state(.paused), .user(user)])
        }
    }

    private func kicked(
        from endpoint: Endpoint, boundFor: Duration, next: Duration?, user: String, state: ConnectionState
    ) {
        let reaction =
            next.map { "waiting \($0.humanReadable) (on_kick = \"wait\")" } ?? "staying away (on_kick = \"stop\")"
        record(
            .kicked, state, at: endpoint, cause: LossCause.kicked.code,
            "signed in elsewhere: \(endpoint) moved \(user) to another client of this type; \(reaction)",
            fields(.kicked, next: next, user: user, state) + [.endpoint("\(endpoint)"), .lasted(boundFor)])
    }

    private func failed(
        _ cause: LossCause, at endpoint: Endpoint?, next: Duration?, user: String, _ state: ConnectionState
    ) {
        let place = endpoint.map { " to \($0)" } ?? ""
        let more: [JournalField] = endpoint.map { [.endpoint("\($0)")] } ?? []
        record(
            IdentityLog.event(for: cause), state, at: endpoint, cause: cause.code,
            "no connection\(place): \(cause.sentence)\(again(next, state))",
            fields(cause, next: next, user: user, state) + more)
    }

    private func stillTrying(
        _ cause: LossCause, attempts: Int, _ outage: OutageWatch.Outage?, next: Duration?, user: String,
        _ state: ConnectionState
    ) {
        let (now, age) = (clock.wall, outage.map { clock.now - $0.began })
        let attempts = outage?.attempts ?? attempts
        let text = OutageText(
            since: age.map { now.advanced(by: .zero - $0).humanReadable(at: now) }, age: age, attempts: attempts,
            error: cause.sentence, next: next.map { .attemptIn($0) } ?? .state(.noNetwork, for: nil))
        record(
            .waiting, state, cause: cause.code, text.sentence,
            fields(cause, next: next, user: user, state) + [.attempts(attempts)] + (age.map { [.lasted($0)] } ?? []))
    }

    private func again(_ next: Duration?, _ state: ConnectionState) -> String {
        switch next {
        case nil: state == .noNetwork ? "; waiting for the network" : ""
        case .zero?: "; trying at once"
        case let next?: "; again in \(next.humanReadable)"
        }
    }

    private func fields(
        _ cause: LossCause, next: Duration?, user: String, _ state: ConnectionState
    ) -> [JournalField] {
        var fields: [JournalField] = [
            .state(state), .cause(cause.code), .causeDetail(cause.sentence), .user(user),
        ]
        if let next { fields.append(.nextAttempt(next)) }
        if case .tls(let failure) = cause { fields.append(.tlsFailure(failure.code)) }
        if case .clock(let failure, _, _) = cause { fields.append(.tlsFailure(failure.code)) }
        if case .missedReads(let count, let silence) = cause { fields += [.missedReads(count), .silence(silence)] }
        return fields
    }

    private static func event(for cause: LossCause) -> IdentityEvent.Kind {
        switch cause {
        case .tls, .clock: .tlsRefused
        case .bind: .bindRejected
        case .allocator: .allocatorFailed
        case .protocolError: .protocolError
        case .resolve, .connect, .proxy, .handshake, .missedReads, .networkChanged, .kicked, .closedByPeer, .reset,
            .preferredEndpoint, .operatorRequest,
            .reconfigured, .paused, .localStop, .shortage, .ownFault:
            .attemptFailed
        }
    }

    private static func text(for fallback: SupervisorReport.AllocatorFallback) -> String {
        switch fallback {
        case .lastAnswer: "trying the servers of its last answer first"
        case .configuredEndpoints: "trying the configured servers"
        case .nothing: "no server is known"
        }
    }
}

/// What a session and its messages have to say.
extension IdentityLog {
    /// `state` is the connection's after it; `user` is who is bound, or is to be where nobody is; `outage` what it has ended.
    /// What is left is for those alone who want to know of each attempt.
    func write(
        _ report: SessionReport, endpoint: Endpoint, device: String, user: String, state: ConnectionState,
        tls: TLSConnectionInfo?, setup: Duration, _ verdict: RepeatDigest.Verdict,
        after outage: OutageWatch.End?
    ) {
        let place: [JournalField] = [.endpoint("\(endpoint)"), .user(user)]
        var more = ""
        if case .written(let left) = verdict, left > 0 { more = " (\(left) more like this were not written)" }
        let lesser: LogLevel? = verdict == .left ? .debug : nil
        switch report {
        case .opened(let isResumed, let heartbeat):
            log.log(
                lesser ?? .info,
                "\(prefix)connected to \(endpoint) without a user (\(isResumed ? "resumed" : "handshake") in "
                    + "\(setup.humanReadable), heartbeat \(heartbeat.humanReadable)): it was unbound\(more)",
                [.state(.unbound), .endpoint("\(endpoint)"), .sessionResumed(isResumed), .heartbeat(heartbeat)])
        case .online(let report):
            online(report, endpoint: endpoint, device: device, tls: tls, setup: setup, after: outage)
        case .resumeRefused(let reason):
            record(
                .resumeRefused, level: lesser, nil, at: endpoint,
                "\(endpoint) does not know the stored session any more (\(reason)); a handshake follows\(more)", place
            )
        case .absurdHeartbeat(let asked, let used):
            record(
                .absurdHeartbeat, level: lesser, nil, at: endpoint,
                "\(endpoint) asks for a heartbeat of \(asked.humanReadable); using \(used.humanReadable)\(more)",
                place + [.heartbeat(used)])
        case .readMissed(let silence, let isAsking):
            record(
                .readMissed, level: lesser, state, at: endpoint,
                "a read from \(endpoint) was missed (\(silence.humanReadable) silent)"
                    + (isAsking ? "; asking the server" : "") + more, place + [.state(state), .silence(silence)])
        case .readRecovered:
            record(
                .readRecovered, level: lesser, state, at: endpoint, "\(endpoint) answered after all",
                place + [.state(state)])
        case .heartbeatAnswered(let roundTrip):
            log.log(
                .debug, "\(prefix)heartbeat answered by \(endpoint) in \(roundTrip.humanReadable)",
                place + [.roundTrip(roundTrip)])
        case .rebound(let user, let tags):
            let words = tags.isEmpty ? "without tags" : "with tags \(tags.joined(separator: ", "))"
            log.log(
                .info, "\(prefix)bound \(user) \(words) at \(endpoint)",
                [.state(.online), .endpoint("\(endpoint)"), .user(user)])
        case .userDropped(let refused, let reason, let instead):
            let what = refused == instead ? "\(refused) with the tags that were asked for" : refused
            record(
                .bindRejected, level: .warning, state, at: endpoint, cause: "bind",
                "\(endpoint) does not bind \(what) (\(reason)): "
                    + (refused == instead
                        ? "the tags from before are requested again" : "\(instead) is bound in its place"),
                [.endpoint("\(endpoint)"), .user(instead), .cause("bind"), .causeDetail(reason)])
        case .unbound:
            log.log(
                .info, "\(prefix)no user is bound any more at \(endpoint)",
                [.state(.unbound), .endpoint("\(endpoint)")])
        case .unhandledCommand(let command):
            record(
                .unknownCommand, level: lesser, nil, at: endpoint,
                "\(endpoint) sent \(command), which this client does not know; ignored\(more)",
                place + [.command(command.rawValue)])
        case .serverError(let command, let code, let reason):
            log.log(
                lesser ?? .notice,
                "\(prefix)\(endpoint) complains about \(command): \(reason) (code \(code.rawValue))\(more)",
                place + [.command(command.rawValue), .serverCode(code.rawValue)])
        case .kickForAnother(let device, let kicked):
            log.log(
                lesser ?? .notice,
                "\(prefix)\(endpoint) sent a KICK for \(kicked) on device \(device), which is not us; ignored\(more)",
                place + [.device(device)])
        case .kickAfterUnbind(let user):
            log.log(
                .info, "\(prefix)\(endpoint) says that \(user) signed in elsewhere, and we gave it up; ignored",
                [.endpoint("\(endpoint)")])
        case .messageTooLong(let excess):
            record(
                .messageNotTaken, level: lesser, nil, at: endpoint,
                "a message of \(endpoint) was too long, and was not taken and not acknowledged: \(excess.sentence)\(more)",
                place)
        case .httpProxyUnsupported:
            log.log(.notice, "\(prefix)\(endpoint) does not make HTTP requests for clients", place)
        }
    }

    private func online(
        _ online: OnlineReport, endpoint: Endpoint, device: String, tls: TLSConnectionInfo?, setup: Duration,
        after outage: OutageWatch.End?
    ) {
        // A start, or another server, that takes a moment has missed nothing.
        let missed = outage.flatMap { $0.attempts > 0 || $0.length >= .seconds(1) ? $0 : nil }
        let end = missed.map { ", \(OutageText.end(after: $0.length, attempts: $0.attempts))" } ?? ""
        record(
            .online, .online, at: endpoint,
            "online as \(online.userID) at \(endpoint) (\(online.isResumed ? "resumed" : "handshake") in "
                + "\(setup.humanReadable), heartbeat \(online.heartbeat.humanReadable))\(end)",
            [
                .state(.online), .endpoint("\(endpoint)"), .user(online.userID), .device(device),
                .sessionResumed(online.isResumed), .heartbeat(online.heartbeat), .setup(setup),
                .tlsVersion(tls?.version ?? "none"),
            ] + (missed.map(IdentityLog.fields) ?? []))
    }

    private static func fields(_ outage: OutageWatch.End) -> [JournalField] {
        [.lasted(outage.length), .attempts(outage.attempts)]
            + (outage.cause.map { [.causeDetail($0.sentence)] } ?? [])
    }

    package func received(_ messages: [ReceivedMessage], from endpoint: Endpoint, user: String) {
        // Asked once for the batch: every message passes through here.
        guard log.writes(.messageReceived) else { return }
        for message in messages { received(message, from: endpoint, user: user) }
    }

    private func received(_ message: ReceivedMessage, from endpoint: Endpoint, user: String) {
        log.log(
            .messageReceived,
            "\(prefix)received a message of \(message.content.readableBytes) bytes (the server's number \(message.number))",
            [
                .messageNumber(message.number), .size(message.content.readableBytes), .endpoint("\(endpoint)"),
                .user(user),
            ])
    }

    /// The session is not kept for the next start.
    func ticketNotStored(_ reason: String) {
        record(
            .ticketNotStored, nil, "the session cannot be stored: \(reason); after a restart a handshake is needed", [])
    }

    /// It was learnt how long the network keeps what is silent.
    func learnt(_ report: KeepaliveReport?, of network: String, isMinor: Bool = false) {
        guard let report else { return }
        log.log(isMinor ? .debug : .info, "\(prefix)\(report.sentence) (\(network))", [.state(.online)])
    }

    package func behind(user: String) {
        log.log(
            .notice, "\(prefix)messages arrive faster than they can be stored; reading is paused",
            [.user(user)])
    }

    package func notTaken(_ count: Int, why: String, user: String) {
        record(
            .messageNotTaken, nil,
            "\(count) \(count == 1 ? "message" : "messages") not taken and not acknowledged: \(why)",
            [.user(user)])
    }
}

/// Which reports repeat each other, be it at each attempt or over one connection.
extension IdentityLog {
    /// What becomes of the line of `report`.
    mutating func verdict(on report: SessionReport) -> RepeatDigest.Verdict {
        switch report {
        case .opened: repeats.verdict(on: .openedWithoutUser, at: clock.now)
        case .resumeRefused: repeats.verdict(on: .resumeRefused, at: clock.now)
        case .absurdHeartbeat: repeats.verdict(on: .absurdHeartbeat, at: clock.now)
        case .readMissed: repeats.verdict(on: .readMissed, at: clock.now)
        case .readRecovered: repeats.verdict(after: .readMissed)
        case .unhandledCommand: repeats.verdict(on: .unknownCommand, at: clock.now)
        case .serverError: repeats.verdict(on: .complaint, at: clock.now)
        case .kickForAnother: repeats.verdict(on: .kickOfAnother, at: clock.now)
        case .messageTooLong: repeats.verdict(on: .messageTooLong, at: clock.now)
        case .online, .heartbeatAnswered, .rebound, .userDropped, .unbound, .kickAfterUnbind, .httpProxyUnsupported:
            .written(left: 0)
        }
    }
}
