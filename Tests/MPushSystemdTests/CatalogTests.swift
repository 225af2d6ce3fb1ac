import Foundation
import MPushModel
import MPushSystemd
import MPushTestSupport
import Testing

/// `systemd/mpushd.catalog` and `LogEvent` tell of the same events.
@Suite struct CatalogTests {
    private let entries: [(id: String, text: String)]

    init() throws {
        let file = Fixture.folder.appending(path: "../../systemd/mpushd.catalog").standardized
        let catalog = try String(contentsOf: file, encoding: .utf8)
        entries = catalog.components(separatedBy: "\n-- ").dropFirst().map { entry in
            (String(entry.prefix { $0 != "\n" }), String(entry.drop { $0 != "\n" }))
        }
    }

    @Test func hasOneEntryForEachEventAndNoOther() {
        #expect(entries.map(\.id).sorted() == LogEvent.allCases.map(\.messageID).sorted())
    }

    @Test(arguments: LogEvent.allCases)
    func identifiesEachEventByItself(event: LogEvent) {
        #expect(event.messageID.wholeMatch(of: /[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}/) != nil)
        #expect(LogEvent.allCases.count { $0.messageID == event.messageID } == 1)
    }

    @Test func saysOfEachWhatHappenedAndWhoSaysSo() {
        for entry in entries {
            let lines = entry.text.components(separatedBy: "\n").dropFirst()
            #expect(lines.first?.hasPrefix("Subject: ") == true, "\(entry.id)")
            #expect(lines.contains("Defined-By: mpushd"), "\(entry.id)")
            #expect(lines.drop { !$0.isEmpty }.joined().count > 80, "\(entry.id) explains nothing")
            #expect(lines.allSatisfy { $0.count <= 100 }, "\(entry.id)")
        }
    }

    @Test(arguments: LossCause.allCodes)
    func explainsEachCauseOfALoss(code: String) {
        let ids = [LogEvent.connectionLost, .attemptFailed].map(\.messageID)
        let lines = entries.filter { ids.contains($0.id) }.flatMap { $0.text.components(separatedBy: "\n") }
        let heads = lines.compactMap { $0.contains(": ") ? $0.components(separatedBy: ": ").first : nil }
        #expect(heads.contains { $0.components(separatedBy: ", ").contains(code) })
    }

    /// The journal's explanations, and the document's, have the words of the losses, which are the doctor's.
    @Test func hasTheWordsOfTheLosses() throws {
        let file = Fixture.folder.appending(path: "../../docs/causes.md").standardized
        let document = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        let catalog = entries.map(\.text).joined().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for cause in Self.causes {
            let culprit = try #require(cause.finding?.culprit, "\(cause)")
            let (title, code) = (culprit.title.lowercased(), cause.code)
            #expect(catalog.lowercased().contains(title), "\(title)")
            let row = document.first { $0.hasPrefix("| `\(code)`") }
            // A certificate of a proxy, too.
            #expect(row?.lowercased().contains(title) == true, "\(title) is not said of \(code)")
            #expect(cause.sentence.lowercased().contains(title), "\(cause.sentence)")
        }
        #expect(Set(Self.causes.compactMap(\.finding?.culprit)).count == 18)
    }

    /// One for each finding of a cause.
    private static let causes: [LossCause] = {
        let tls: [TLSFailure] = [
            .expired(detail: "x"), .notYetValid(detail: "x"), .wrongHost(detail: "x"), .unknownAuthority(detail: "x"),
            .revoked(detail: "x"), .noPinMatched(detail: "x"), .badCertificate(detail: "x"),
            .clientCertificateRefused(detail: "x"),
        ]
        let handshakes: [HandshakeFailure] = [
            .closedAfter(words: "x"), .refused(reason: "x", code: 7), .notDecrypted(reason: "x"),
            .noClientPort(reason: "x"),
        ]
        let proxies: [ProxyFailure] = [
            .unreachable(detail: "x"), .authentication(detail: "x"), .forbidden(detail: "x"),
            .failed(detail: "x"), .idleCut(after: .seconds(60)),
        ]
        let proxy = (try? Endpoint(parsing: "proxy.example:3128")).map { ProxyURL(scheme: .http, endpoint: $0) }
        return tls.map { .tls($0) } + handshakes.map { .handshake($0) }
            + proxies.compactMap { failure in proxy.map { .proxy($0, failure) } } + [
                .clock(.expired(detail: "x"), .beforeBuild, at: WallTime(millisecondsSince1970: 0)), .kicked,
                .shortage(detail: "x"), .ownFault(detail: "x"),
            ]
    }()

    @Test func namesOnlyFieldsThatThereAre() {
        let known = Set(JournalField.Name.allCases.map(\.rawValue))
        for entry in entries {
            for match in entry.text.matches(of: /@([A-Z_]+)@/) {
                #expect(known.contains(String(match.1)), "\(entry.id) names \(match.1)")
            }
        }
    }
}
