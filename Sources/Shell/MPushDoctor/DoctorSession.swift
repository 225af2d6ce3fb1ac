import MPushConfiguration
import MPushConnection
import MPushControl
import MPushModel
import MPushPlatform
import MPushSession
import MPushTLS
import NIOCore

/// The steps from TLS to the heartbeat, over two connections: the first makes a session, the second resumes it.
final class DoctorSession {
    private let options: DoctorOptions
    private let place: DoctorPlace
    private let endpoint: Endpoint
    private let lookup: NameLookup
    private let log: StepLog
    private let profile: IdentityProfile
    private var connection: DoctorConnection?
    private var connector: Connector?
    private var ticket: SessionTicket?
    private var isSecond = false
    private var isTLSResumed = false
    /// Which of the server's keys the handshake is encrypted to.
    private var key = 0
    private var refusal: String?
    private var messages = 0
    /// Whether we close, and what is done when that is done.
    private var afterEnd: (() -> Void)?
    private var answerLimit: LoopTimer.Owner?
    /// For the TLS handshake under way.
    private var securingLimit: LoopTimer.Owner?
    private let onEnd: (End) -> Void

    /// How it went.
    enum End {
        case walked
        case failed(LossCause)
    }

    init(
        _ options: DoctorOptions, _ place: DoctorPlace, _ endpoint: Endpoint, lookup: NameLookup, log: StepLog,
        onEnd: @escaping (End) -> Void
    ) {
        self.onEnd = onEnd
        self.options = options
        self.place = place
        self.endpoint = endpoint
        self.lookup = lookup
        self.log = log
        profile = place.profile.forDoctor
    }

    /// Goes on over `channel`, the first connection.
    func start(_ channel: any Channel) {
        log.begin(isSecured ? .tls : .handshake)
        open(channel)
    }

    private var isSecured: Bool { place.connections.isSecured }

    private var serverName: String { place.connections.serverName(of: endpoint) }

    private func open(_ channel: any Channel) {
        do {
            let connection = try DoctorConnection(
                channel, to: endpoint, as: profile, by: place.connections, ticket: ticket, key: key
            ) { [weak self] event in
                self?.happened(event)
            }
            self.connection = connection
            if isSecured {
                let limit = DoctorSession.stepLimit
                securingLimit = place.timer.schedule(in: limit) { [weak self] in
                    self?.fail(.tls(.timedOut(after: limit)))
                    self?.connection?.close()
                }
            }
            connection.start()
        } catch {
            channel.close(promise: nil)
            fail(.ownFault(detail: "\(error)"))
        }
    }

    private func happened(_ event: DoctorConnection.Event) {
        switch event {
        case .secured(let info, let chain): secured(info, chain)
        case .resumeRefused(let reason): refusal = reason
        case .opened(let isResumed, let heartbeat):
            if isSecond { reopened(isResumed: isResumed) } else { opened(heartbeat: heartbeat) }
        case .bound: bound()
        case .heartbeatAnswered(let roundTrip): heartbeatAnswered(roundTrip)
        case .unbound: close { [onEnd] in onEnd(.walked) }
        case .messages(let count): messages += count
        case .ended(let cause):
            if log.step == .tls { log.show(connection?.shownChain ?? []) }
            ended(cause)
        }
    }

    private func close(then next: @escaping () -> Void) {
        afterEnd = next
        connection?.close()
    }

    private func ended(_ cause: LossCause) {
        stopWaiting()
        stopSecuring()
        if let ticket = connection?.ticket { self.ticket = ticket }
        connection = nil
        if let afterEnd {
            self.afterEnd = nil
            return afterEnd()
        }
        if case .handshake(.notDecrypted) = cause, key + 1 < place.settings.serverKeys.count {
            key += 1
            return openAgain()
        }
        fail(cause)
    }

    private func fail(_ cause: LossCause) {
        stopSecuring()
        let clock = place.timer.clock
        let evidence = ClockEvidence(wall: clock.wall, newestOnRecord: nil, isSynchronised: clock.isWallSynchronised)
        onEnd(.failed(cause.judged(by: evidence)))
    }

    /// What the step under way looks at.
    var subject: String {
        switch log.step {
        case .tls: serverName
        case .bind: profile.identity.userID
        default: "\(endpoint)"
        }
    }

    // MARK: - The first connection

    private func secured(_ info: TLSConnectionInfo?, _ chain: [TLSConnectionInfo.Peer]) {
        stopSecuring()
        isTLSResumed = info?.isResumed == true
        guard let info, log.step == .tls else { return }
        log.show(connection?.shownChain ?? [])
        let now = place.timer.wall
        let shortest = chain.compactMap { $0.notAfter?.daysLeft(at: now) }.min()
        let isShort = shortest.map { $0 < 14 } ?? false
        log.finish(
            isShort ? .warning : .good, "\(info.version), \(serverName)",
            details: [info.cipher] + chain.map { $0.humanReadable(at: now) },
            advice: isShort ? ["A certificate expires soon: ask the server's operator to renew it in time."] : [])
        log.begin(.handshake)
    }

    private func opened(heartbeat: Duration) {
        let keys = key == 0 ? "server.public_key" : "key \(key + 1) of server.public_key"
        log.finish(.good, "\(keys) is the server's; it asks for a heartbeat of \(heartbeat.humanReadable)")
        close { [weak self] in self?.resume() }
    }

    // MARK: - The second connection

    private func resume() {
        isSecond = true
        log.begin(.resume)
        openAgain()
    }

    private func openAgain() {
        let connector = place.connections.connector(to: endpoint, lookup: lookup) { [weak self] result in
            switch result {
            case .success(let channel): self?.open(channel)
            case .failure(let failure): self?.fail(failure.cause)
            }
        }
        self.connector = connector
        connector.start()
    }

    private func reopened(isResumed: Bool) {
        let tls = !isSecured ? "" : isTLSResumed ? ", TLS resumed" : ", new TLS session"
        if isResumed {
            log.finish(.good, "FAST_CONNECT accepted\(tls)")
        } else if ticket == nil {
            log.finish(.skipped, "the server gives no session to resume\(tls)")
        } else {
            log.finish(
                .warning, "FAST_CONNECT refused\(refusal.map { ": \($0)" } ?? "")\(tls)",
                details: ["It works nevertheless: each connection makes a new handshake."],
                advice: ["Servers behind a load balancer need a shared session store."])
        }
        bindOrNot()
    }

    /// The server would move the user to us from whoever has it.
    private func bindOrNot() {
        log.begin(.bind)
        if options.binds {
            connection?.bind()
            return
        }
        let shown = options.identity.map { name in options.daemonReports.filter { $0.name == name } }
        let reports = shown ?? options.daemonReports
        let states = reports.prefix(DoctorSession.mostReports).map { report in
            let age = (report.onlineFor ?? report.stateAge).map { " for \($0.humanReadable)" } ?? ""
            let loss = report.state.isBound ? nil : report.lastLoss.map { "; last loss: \($0.sentence)" }
            return "\(report.name): \(report.state.rawValue)\(age)\(loss ?? "")"
        }
        let more = reports.count > states.count ? ["and \(reports.count - states.count) more"] : []
        let subject =
            reports.first { $0.name == profile.name && $0.state.isBound } != nil
            ? "bound by the daemon" : "not asked for"
        log.finish(
            .skipped, subject, isTimed: false,
            details: ["Not bound here: the server would take the user from whoever has it. --bind does."] + states
                + more)
        guard let report = reports.first(where: \.state.isBound) else { return close { [onEnd] in onEnd(.walked) } }
        heartbeat(of: report)
    }

    private func heartbeat(of report: IdentityReport) {
        log.begin(.heartbeat)
        var parts = [
            report.heartbeat.map { "\($0.humanReadable)" }, report.pingEvery.map { "asked every \($0.humanReadable)" },
        ]
        parts.append(report.lastAnswerAge.map { "the daemon's last answer \($0.humanReadable) ago" })
        parts.append(report.lastRoundTrip.map { "in \($0.humanReadable)" })
        let isMissing = report.missedReads > 0
        log.finish(
            isMissing ? .warning : .good, parts.compactMap(\.self).joined(separator: ", "), isTimed: false,
            details: (isMissing ? ["\(report.missedReads) missed in a row, now: \(report.state.rawValue)"] : [])
                + (report.keepalive.map { [$0.sentence] } ?? []))
        close { [onEnd] in onEnd(.walked) }
    }

    private func bound() {
        let tags = profile.identity.tags.isEmpty ? "" : " with tags \(profile.identity.tags.joined(separator: ", "))"
        log.finish(.good, "\(profile.identity.userID)\(tags)")
        log.begin(.heartbeat)
        let confirmation = place.settings.configuration.heartbeat.confirmationTimeout
        let limit = min(confirmation, DoctorSession.stepLimit) + DoctorSession.beatAfter
        answerLimit = place.timer.schedule(in: limit) { [weak self] in self?.noHeartbeat(within: limit) }
    }

    private func heartbeatAnswered(_ roundTrip: Duration) {
        stopWaiting()
        guard log.step == .heartbeat, afterEnd == nil else { return }
        let note = "\(messages) \(messages == 1 ? "message" : "messages") came meanwhile; not acknowledged, not kept"
        log.finish(
            .good, "answered in \(roundTrip.humanReadable)", isTimed: false, details: messages == 0 ? [] : [note])
        connection?.unbind()
    }

    private func stopWaiting() {
        if let answerLimit { place.timer.remove(answerLimit) }
        answerLimit = nil
    }

    private func stopSecuring() {
        if let securingLimit { place.timer.remove(securingLimit) }
        securingLimit = nil
    }

    private func noHeartbeat(within limit: Duration) {
        close { [weak self] in self?.fail(.missedReads(count: 1, silence: limit)) }
    }

    /// How soon after its last word the doctor beats, so that nobody waits for the server's interval.
    static let beatAfter = Duration.seconds(1)
    /// How long a step may wait for the server.
    static let stepLimit = Duration.seconds(3)
    /// So many identities of the daemon are told of.
    private static let mostReports = 20
}

extension IdentityProfile {
    /// Another device, which beats at once.
    var forDoctor: IdentityProfile {
        var profile = self
        profile.session.handshakeTimeout = min(profile.session.handshakeTimeout, DoctorSession.stepLimit)
        profile.session.bindTimeout = min(profile.session.bindTimeout, DoctorSession.stepLimit)
        profile.session.deviceID += "-doctor"
        profile.session.health.pingEvery = DoctorSession.beatAfter
        return profile
    }
}

extension TLSConnectionInfo.Peer {
    /// `CN=push.example.com, issued by CN=Example CA, 61 days left`
    func humanReadable(at now: WallTime) -> String {
        let left: String? = notAfter.map { end in
            let days = end.daysLeft(at: now)
            return days < 0 ? "ended" : days == 1 ? "1 day left" : "\(days) days left"
        }
        let origin = subject == issuer ? "its own authority" : "issued by \(issuer)"
        return [subject, origin, left].compactMap(\.self).joined(separator: ", ")
    }
}

extension WallTime {
    /// Whole days from `now` until this time; below zero once it has passed.
    func daysLeft(at now: WallTime) -> Int64 {
        let (left, overflow) = millisecondsSince1970.subtractingReportingOverflow(now.millisecondsSince1970)
        if overflow { return 0 }
        return left >= 0 ? left / 86_400_000 : -1
    }
}
