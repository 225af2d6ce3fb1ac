import Glibc
import MPushControl
package import MPushModel

/// What a walk comes to: who is to blame, in words of the field, what was seen of it, and what to do.
package struct Verdict: Equatable, Sendable {
    /// nil where nothing is wrong.
    package let culprit: Culprit?
    /// Its first line.
    package let sentence: String
    package let advice: [String]
    /// The status of sysexits.h(3) to exit with: 0 also for what only makes the way worse.
    package let status: CInt

    init(_ finding: Finding, advice: [String], status: CInt? = nil) {
        culprit = finding.culprit
        sentence = finding.sentence
        self.advice = advice
        self.status = status ?? finding.culprit.exitStatus
    }

    /// All is well.
    init(good sentence: String) {
        culprit = nil
        self.sentence = sentence
        advice = []
        status = EX_OK
    }

    /// What `facts`, which have a cause, mean.
    init(of facts: DoctorFacts) {
        let finding = Search(facts).finding
        self.init(finding, advice: DoctorAdvice.lines(for: finding.culprit, facts))
    }

    /// What `facts` of a walk that came to its end have to say: nothing, or what makes the way worse.
    init(ofGood facts: DoctorFacts, daemon reports: [IdentityReport] = []) {
        if let verdict = reports.lazy.compactMap(Verdict.init(ofLost:)).first {
            self = verdict
            return
        }
        let place = facts.endpoint.map(String.init(describing:)) ?? "the server"
        let dead = facts.addresses.filter { $0.failure != nil && $0.isIPv6 }
        if let first = dead.first, facts.addresses.contains(where: { !$0.isIPv6 && $0.failure == nil }),
            case .failed(_, let text) = first.outcome
        {
            self.init(
                Finding(.brokenIPv6, "\(first.text): \(text); mpushd goes by IPv4"),
                advice: DoctorAdvice.lines(for: .brokenIPv6, facts), status: EX_OK)
        } else if let roundTrip = facts.roundTrip, roundTrip >= Verdict.slowRoundTrip {
            self.init(
                Finding(.slowLink, "\(place) answers after \(roundTrip.humanReadable)"),
                advice: DoctorAdvice.lines(for: .slowLink, facts), status: EX_OK)
        } else {
            let took = facts.roundTrip.map { " in \($0.humanReadable)" } ?? ""
            self.init(good: "no fault found: \(place) answers\(took)")
        }
    }

    /// What a running daemon says of an identity that is not online though the way is good; nil for nothing.
    private init?(ofLost report: IdentityReport) {
        guard !report.state.isBound, report.state != .paused, let loss = report.lastLoss else { return nil }
        let culprits: [String: Culprit] = [
            "bind": .userRefused, "missed-reads": .natForgets, "kicked": .signedInElsewhere,
        ]
        guard let culprit = culprits[loss.cause] else { return nil }
        self.init(
            Finding(culprit, "the daemon says of \(report.name): \(loss.sentence)"),
            advice: DoctorAdvice.lines(for: culprit, DoctorFacts()))
    }

    /// What every step waits for; satellites take about as long.
    static let slowRoundTrip = Duration.milliseconds(600)
}

extension Culprit {
    /// The one table of the doctor's exit statuses; the manual pages have the same.
    var exitStatus: CInt {
        switch self {
        case .captivePortal, .pathMTU, .brokenIPv6, .nameUnknown, .nameServerFails, .nameServerSilent, .nameHijacked,
            .noRoute, .portRefused, .portFiltered, .prohibited, .slowLink, .natForgets, .deadFront, .silentServer,
            .proxyAway, .proxyLogin, .proxyRefuses, .proxyCutsIdle, .signedInElsewhere, .allocatorAway,
            .allocatorAnswer:
            EX_UNAVAILABLE
        case .httpPort, .portWithoutTLS, .tlsPort, .gatewayPort, .notMPush, .serverKey: EX_PROTOCOL
        case .interception, .certificateExpired, .certificateNotYetValid, .certificateName, .unknownAuthority,
            .certificateRefused, .clientCertificate, .clock, .userRefused, .deviceRefused:
            EX_NOPERM
        case .configuration: EX_CONFIG
        case .shortage: EX_OSERR
        case .ownFault: EX_SOFTWARE
        }
    }
}

/// The way from facts to a culprit. What forges answers comes before what the forged answers seem to say.
private struct Search {
    private let facts: DoctorFacts
    private let place: String
    private let host: String

    init(_ facts: DoctorFacts) {
        self.facts = facts
        place = facts.endpoint.map(String.init(describing:)) ?? "the server"
        host = facts.endpoint?.host ?? ""
    }

    var finding: Finding {
        guard let cause = facts.cause else { return Finding(.ownFault, "the walk ended without a cause") }
        return switch cause {
        case .allocator(let detail):
            Finding(
                detail.hasPrefix("it answered") || detail.hasPrefix("its answer") ? .allocatorAnswer : .allocatorAway,
                detail)
        case .resolve(let name, let detail): lookup(name, detail)
        case .connect(let detail): hijacked ?? connect(detail)
        case .tls(let failure), .clock(let failure, .unsynchronised, _): forged ?? tls(failure)
        case .networkChanged(let detail): Finding(.noRoute, "this machine's network changed meanwhile: \(detail)")
        case .handshake(let failure): forged ?? handshake(failure)
        case .closedByPeer, .reset, .protocolError: forged ?? broken
        case .bind(let detail): Finding(.userRefused, detail)
        case .missedReads(_, let silence):
            Finding(
                .natForgets, "\(place) was reached, and then no heartbeat was answered for \(silence.humanReadable)")
        case .clock: forged ?? named(by: cause)
        case .proxy, .kicked, .shortage, .preferredEndpoint, .operatorRequest, .reconfigured, .paused, .localStop,
            .ownFault:
            named(by: cause)
        }
    }

    private func named(by cause: LossCause) -> Finding { cause.finding ?? Finding(.ownFault, cause.sentence) }

    // MARK: - Names and addresses

    private func lookup(_ name: String, _ detail: String) -> Finding {
        switch facts.lookup {
        case .noSuchName: Finding(.nameUnknown, "the name server says that \(name) has no address")
        case .noAnswer: Finding(.nameServerSilent, "\(name): \(detail)")
        case .failed, .found, nil: Finding(.nameServerFails, "\(name): \(detail)")
        }
    }

    private var hijacked: Finding? {
        if let address = facts.impossibleAddresses.first {
            return Finding(.nameHijacked, "\(host) has the address \(address), which is this machine")
        }
        guard let address = facts.madeUpAddresses.first else { return nil }
        return Finding(.nameHijacked, "the name server makes up addresses: a name that cannot exist has \(address)")
    }

    private func connect(_ detail: String) -> Finding {
        let failures = facts.addresses.compactMap(\.failure)
        // The first that says more than nothing is the one to look at.
        let order: [(DoctorFacts.Address.Failure, Culprit)] = [
            (.shortage, .shortage), (.refused, .portRefused), (.unreachable, .prohibited), (.noAnswer, .portFiltered),
            (.noRoute, .noRoute),
        ]
        for (failure, culprit) in order where failures.contains(failure) { return Finding(culprit, detail) }
        return Finding(.portFiltered, detail)
    }

    // MARK: - What answers in the server's place

    private var forged: Finding? {
        if let words = facts.answerToHTTP?.portal(insteadOf: host) {
            return Finding(.captivePortal, "at \(place) something \(words)")
        }
        if facts.isAboutCertificate, let words = facts.answerOfWeb?.portal(insteadOf: host),
            case .http(_, _?, _)? = facts.answerOfWeb
        {
            return Finding(.captivePortal, "port 80 of \(host) \(words), and \(facts.cause?.sentence ?? "")")
        }
        if let hijacked { return hijacked }
        if case .http(407, _, _)? = facts.answerToHTTP {
            return Finding(.proxyLogin, "\(place) answers HTTP 407")
        }
        return nil
    }

    /// What the port turned out to speak, where that is not what we speak.
    private var foreign: Finding? {
        if case .http(let status, _, _)? = facts.answerToHTTP {
            return Finding(.httpPort, "\(place) speaks HTTP (it answers \(status)), not MPush")
        }
        if facts.answerToHeartbeat == .mpush { return Finding(.portWithoutTLS, "\(place) speaks MPush without TLS") }
        if facts.answerToTLS == .tls {
            return Finding(.tlsPort, "\(place) speaks TLS, and server.transport is plaintext")
        }
        return nil
    }

    private var tooLarge: Finding? {
        guard facts.passesInSmallSegments == true else { return nil }
        return Finding(.pathMTU, "\(place) answers in segments of 536 bytes, and not in usual ones")
    }

    private var slow: Finding? {
        guard let roundTrip = facts.roundTrip, roundTrip >= Verdict.slowRoundTrip else { return nil }
        return Finding(.slowLink, "\(place) answers after \(roundTrip.humanReadable); \(facts.cause?.sentence ?? "")")
    }

    // MARK: - TLS and the handshake

    private func tls(_ failure: TLSFailure) -> Finding {
        switch failure {
        case .notYetValid(let detail):
            facts.clockDoubt.map { Finding(.clock, "\($0); the certificate is not valid yet (\(detail))") }
                ?? named(by: .tls(failure))
        case .unknownAuthority(let detail):
            facts.hasOwnTrust
                ? Finding(.interception, "the certificate is not from an authority of tls.ca_file: \(detail)")
                : Finding(.unknownAuthority, "\(detail): an interception, or a server with an authority of its own")
        case .expired, .wrongHost, .revoked, .noPinMatched, .badCertificate, .clientCertificateRefused:
            named(by: .tls(failure))
        case .protocolVersion(let detail), .other(let detail): foreign ?? Finding(.notMPush, "\(place): \(detail)")
        case .peerClosed(let detail):
            foreign ?? tooLarge ?? Finding(.deadFront, "\(place) accepts a connection and closes it \(detail)")
        case .timedOut(let limit):
            tooLarge ?? foreign ?? slow
                ?? Finding(
                    .silentServer, "\(place) accepts a connection, and no TLS handshake within \(limit.humanReadable)")
        }
    }

    private func handshake(_ failure: HandshakeFailure) -> Finding {
        switch failure {
        case .closed: foreign ?? Finding(.deadFront, "\(place): \(failure.sentence)")
        case .closedAfter, .refused, .notDecrypted, .noClientPort: named(by: .handshake(failure))
        case .noAnswer:
            tooLarge ?? foreign ?? slow ?? Finding(.silentServer, "\(place): \(failure.sentence)")
        }
    }

    private var broken: Finding {
        if let foreign { return foreign }
        let sentence = facts.cause?.sentence ?? ""
        if case .protocolError = facts.cause { return Finding(.notMPush, "\(place): \(sentence)") }
        return Finding(.deadFront, "\(place): \(sentence)")
    }
}
