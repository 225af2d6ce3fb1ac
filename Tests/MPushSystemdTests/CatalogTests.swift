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

    @Test func namesOnlyFieldsThatThereAre() {
        let known = Set(JournalField.Name.allCases.map(\.rawValue))
        for entry in entries {
            for match in entry.text.matches(of: /@([A-Z_]+)@/) {
                #expect(known.contains(String(match.1)), "\(entry.id) names \(match.1)")
            }
        }
    }
}
