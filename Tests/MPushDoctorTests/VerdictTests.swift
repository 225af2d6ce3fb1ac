import Foundation
import Glibc
import MPushControl
import MPushModel
import Testing

@testable import MPushDoctor

/// One fault as the steps and the questions after it show it, and the culprit that must be named.
struct FaultCase: CustomTestStringConvertible, Sendable {
    let culprit: Culprit
    /// What the first line must have in it.
    let shows: String
    let facts: DoctorFacts

    init(_ culprit: Culprit, _ shows: String, _ cause: LossCause, _ change: (inout DoctorFacts) -> Void = { _ in }) {
        var facts = DoctorFacts()
        facts.endpoint = try? Endpoint(parsing: "push.example.com:3443")
        facts.serverName = "push.example.com"
        facts.lookup = .found
        facts.roundTrip = .milliseconds(30)
        facts.cause = cause
        change(&facts)
        self.culprit = culprit
        self.shows = shows
        self.facts = facts
    }

    var testDescription: String { "\(culprit.rawValue): \(shows)" }

    private static func failed(
        _ failure: DoctorFacts.Address.Failure, _ text: String
    ) -> [DoctorFacts.Address] {
        [DoctorFacts.Address(text: "192.0.2.7:3443", isIPv6: false, outcome: .failed(failure, text: text))]
    }

    private static let login = PortAnswer.http(status: 302, redirect: "login.hotel.example", isPage: false)
    private static let stranger = LossCause.tls(.unknownAuthority(detail: "CN=push.example.com, issued by Corp CA: x"))

    private static func proxy(_ culprit: Culprit, _ shows: String, _ failure: ProxyFailure) -> [FaultCase] {
        guard let endpoint = try? Endpoint(parsing: "proxy.example:3128") else { return [] }
        return [FaultCase(culprit, shows, .proxy(ProxyURL(scheme: .http, endpoint: endpoint), failure))]
    }

    private static let proxies =
        proxy(.proxyAway, "connection refused", .unreachable(detail: "connection refused"))
        + proxy(.proxyLogin, "407", .authentication(detail: "it answered 407"))
        + proxy(.proxyRefuses, "403", .forbidden(detail: "it answered 403"))
        + proxy(.proxyCutsIdle, "idle for about", .idleCut(after: .seconds(60)))

    static let all = direct + proxies

    private static let direct: [FaultCase] = [
        FaultCase(.captivePortal, "login.hotel.example", .tls(.protocolVersion(detail: "began with HTTP"))) {
            $0.answerToHTTP = login
        },
        FaultCase(.captivePortal, "web page", .tls(.protocolVersion(detail: "began with HTTP"))) {
            $0.answerToHTTP = .http(status: 200, redirect: nil, isPage: true)
        },
        FaultCase(.captivePortal, "port 80", .tls(.wrongHost(detail: "CN=gw.hotel.example"))) {
            $0.answerOfWeb = login
        },
        FaultCase(.interception, "issued by Corp CA", stranger) { $0.hasOwnTrust = true },
        FaultCase(.interception, "no pin", .tls(.noPinMatched(detail: "CN=x, issued by Corp CA"))),
        FaultCase(.unknownAuthority, "an interception, or", stranger),
        FaultCase(.pathMTU, "536", .tls(.timedOut(after: .seconds(3)))) { $0.passesInSmallSegments = true },
        FaultCase(
            .nameUnknown, "push.example.com has no address", .resolve(host: "push.example.com", detail: "x")
        ) { $0.lookup = .noSuchName },
        FaultCase(
            .nameServerFails, "temporary failure", .resolve(host: "push.example.com", detail: "temporary failure")
        ) { $0.lookup = .failed },
        FaultCase(.nameServerSilent, "within 4 s", .resolve(host: "push.example.com", detail: "no answer within 4 s")) {
            $0.lookup = .noAnswer
        },
        FaultCase(.nameHijacked, "198.51.100.1", .tls(.wrongHost(detail: "CN=block.example"))) {
            $0.madeUpAddresses = ["198.51.100.1"]
        },
        FaultCase(.nameHijacked, "this machine", .connect(detail: "0.0.0.0:3443: connection refused")) {
            $0.impossibleAddresses = ["0.0.0.0"]
        },
        FaultCase(.deadFront, "closes it", .tls(.peerClosed(detail: "in the handshake"))) {
            $0.answerToHTTP = .closed
            $0.answerToHeartbeat = .closed
        },
        FaultCase(.deadFront, "nothing runs behind", .handshake(.closed(isSecured: true))),
        FaultCase(
            .clientCertificate, "none is configured", .tls(.clientCertificateRefused(detail: "none is configured"))),
        FaultCase(.serverKey, "not its key", .handshake(.notDecrypted(reason: "x"))),
        FaultCase(.portWithoutTLS, "without TLS", .tls(.peerClosed(detail: "in the handshake"))) {
            $0.answerToHeartbeat = .mpush
        },
        FaultCase(.tlsPort, "speaks TLS", .handshake(.closed(isSecured: false))) { $0.answerToTLS = .tls },
        FaultCase(.gatewayPort, "gateway", .handshake(.noClientPort(reason: "unsupported"))),
        FaultCase(.clock, "2020-01-01", .tls(.notYetValid(detail: "starts 2026-11-01"))) {
            $0.clockDoubt = "this machine's clock says 2020-01-01"
        },
        FaultCase(.proxyLogin, "407", .tls(.protocolVersion(detail: "began with HTTP"))) {
            $0.answerToHTTP = .http(status: 407, redirect: nil, isPage: true)
        },
        FaultCase(.natForgets, "no heartbeat", .missedReads(count: 1, silence: .seconds(4))),
        FaultCase(.portRefused, "connection refused", .connect(detail: "192.0.2.7:3443: connection refused")) {
            $0.addresses = failed(.refused, "connection refused")
        },
        FaultCase(.portFiltered, "no answer", .connect(detail: "192.0.2.7:3443: no answer")) {
            $0.addresses = failed(.noAnswer, "no answer")
        },
        FaultCase(.prohibited, "no route to host", .connect(detail: "192.0.2.7:3443: no route to host")) {
            $0.addresses = failed(.unreachable, "no route to host")
        },
        FaultCase(.noRoute, "unreachable", .connect(detail: "192.0.2.7:3443: network is unreachable")) {
            $0.addresses = failed(.noRoute, "network is unreachable")
        },
        FaultCase(.slowLink, "1.2 s", .tls(.timedOut(after: .seconds(3)))) { $0.roundTrip = .milliseconds(1200) },
        FaultCase(.certificateExpired, "ended 2026", .tls(.expired(detail: "CN=x, ended 2026-11-01"))),
        FaultCase(.certificateNotYetValid, "starts 2027", .tls(.notYetValid(detail: "CN=x, starts 2027-01-01"))),
        FaultCase(.certificateName, "not for push", .tls(.wrongHost(detail: "good for a, not for push.example.com"))),
        FaultCase(.httpPort, "404", .tls(.protocolVersion(detail: "began with HTTP"))) {
            $0.answerToHTTP = .http(status: 404, redirect: nil, isPage: true)
        },
        FaultCase(.silentServer, "no TLS handshake", .tls(.timedOut(after: .seconds(3)))) {
            $0.answerToHTTP = .silent
            $0.passesInSmallSegments = false
        },
        FaultCase(.userRefused, "refused", .bind(detail: "the server refused alice")),
        FaultCase(.allocatorAway, "connection refused", .allocator(detail: "connection refused")),
        FaultCase(.allocatorAnswer, "500", .allocator(detail: "it answered 500 Internal Server Error")),
    ]
}

/// Facts become a culprit in words of the field.
@Suite struct VerdictTests {
    @Test(arguments: FaultCase.all)
    func theFirstLineNamesTheCulprit(fault: FaultCase) {
        let verdict = Verdict(of: fault.facts)
        #expect(verdict.culprit == fault.culprit)
        #expect(verdict.sentence.hasPrefix(fault.culprit.title + ": "), "\(verdict.sentence)")
        #expect(verdict.sentence.contains(fault.shows), "\(verdict.sentence)")
        #expect(!verdict.advice.isEmpty && verdict.status != 0)
    }

    /// What forges answers is named before what the forged answer seems to ask for.
    @Test func noAdviceOpensTheDoorToAForger() {
        for fault in FaultCase.all
        where [.captivePortal, .httpPort, .interception, .proxyLogin].contains(fault.culprit) {
            let advice = Verdict(of: fault.facts).advice.joined(separator: "\n")
            #expect(!advice.contains("transport = \"plaintext\""), "\(advice)")
            #expect(!advice.contains("tls.ca_file to that"), "\(advice)")
        }
    }

    @Test func aDeadIPv6IsSaidThoughIPv4Works() {
        var facts = DoctorFacts()
        facts.addresses = [
            .init(text: "[2001:db8::7]:3443", isIPv6: true, outcome: .failed(.noAnswer, text: "no answer")),
            .init(text: "192.0.2.7:3443", isIPv6: false, outcome: .reached(after: .milliseconds(20))),
        ]
        let verdict = Verdict(ofGood: facts)
        #expect(verdict.culprit == .brokenIPv6 && verdict.status == 0)
        #expect(verdict.sentence == "broken IPv6: [2001:db8::7]:3443: no answer; mpushd goes by IPv4")
    }

    /// The doctor does not bind, so the daemon's word counts.
    @Test(arguments: [("bind", Culprit.userRefused), ("missed-reads", .natForgets), ("kicked", .signedInElsewhere)])
    func theDaemonsLossCounts(cause: String, culprit: Culprit) {
        let time = WallTime(millisecondsSince1970: 0)
        var report = IdentityReport(name: "alice", state: .waiting, since: time)
        report.lastLoss = LossReport(cause: cause, sentence: "so it was", ended: time)
        let verdict = Verdict(ofGood: DoctorFacts(), daemon: [report])
        #expect(verdict.culprit == culprit && verdict.status == culprit.exitStatus)
        #expect(verdict.sentence.contains("alice: so it was"))
        #expect(Verdict(ofGood: DoctorFacts()).status == 0)
    }

    /// A portal's URL has tokens in it: its host is all that is shown.
    @Test func onlyTheHostOfARedirectIsKept() {
        let head = "HTTP/1.1 302 Found\r\nLocation: http://u:secret@portal.example/login?token=secret\r\n\r\n"
        #expect(
            PortAnswer(bytes: Array(head.utf8)) == .http(status: 302, redirect: "portal.example", isPage: false))
        #expect(PortAnswer(bytes: [0x15, 3, 1, 0, 2, 2, 40]) == .tls)
        #expect(PortAnswer(bytes: [0xDF]) == .mpush)
        #expect(PortAnswer(bytes: [1]) == .other)
    }

    // MARK: - One table

    private static func text(_ path: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The manual pages name each status that the doctor ends with.
    @Test(arguments: ["mpushd.8.in", "mpushctl.1.in"])
    func theManualHasTheStatuses(page: String) throws {
        let text = try Self.text("Sources/Tools/mpush-manual/Pages/\(page)")
        let section = text.split(separator: ".SH ").first { $0.hasPrefix("EXIT STATUS") } ?? ""
        for status in Set(Culprit.allCases.map(\.exitStatus)).union([EX_OK, EX_USAGE]) {
            #expect(section.contains("\n.B \(status)\n"), "\(status) is not in \(page)")
        }
    }

    /// The document of the causes explains each culprit in the same words.
    @Test func theDocumentHasTheTitles() throws {
        let document = try Self.text("docs/causes.md")
        for culprit in Culprit.allCases {
            let causes = culprit.lossCodes.map { "`\($0)`" }.joined(separator: ", ")
            let row = "| \(culprit.title) | \(causes.isEmpty ? "none" : causes) |"
            #expect(document.contains(row), "\(row)")
        }
    }

    /// Whatever leads to a culprit is among the causes that the document has for it.
    @Test(arguments: FaultCase.all)
    func theCauseIsOneOfTheCulprits(fault: FaultCase) throws {
        let cause = try #require(fault.facts.cause)
        #expect(fault.culprit.lossCodes.contains(cause.code), "\(cause.code)")
        #expect(Set(fault.culprit.lossCodes).isSubset(of: LossCause.allCodes))
    }

    /// What a cause names by itself is what the doctor names, in the words of the loss.
    @Test(arguments: FaultCase.all)
    func theLossHasTheWordsOfTheDoctor(fault: FaultCase) throws {
        let cause = try #require(fault.facts.cause)
        guard let finding = cause.finding, finding.culprit == fault.culprit, cause != .kicked else { return }
        #expect(cause.sentence.contains(finding.culprit.title), "\(cause.sentence)")
    }
}
