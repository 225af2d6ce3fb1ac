import MPushModel
import MPushSystemd
import Testing

@Suite struct JournalFieldTests {
    /// The rule of sd_journal_sendv(3) and journald's own check of names.
    @Test(arguments: JournalField.Name.allCases)
    func hasANameThatTheJournalTakes(name: JournalField.Name) {
        let text = name.rawValue
        #expect(text.hasPrefix("MPUSH_") && text.utf8.count <= 64)
        #expect(text.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F })
    }

    @Test func durationsAreWholeMicroseconds() {
        let fields: [JournalField] = [
            .heartbeat(.seconds(180)), .silence(.milliseconds(1500)), .nextAttempt(.nanoseconds(1_999)),
            .lasted(.zero), .setup(.seconds(Int64.max)), .roundTrip(.microseconds(34)),
        ]
        #expect(fields.map(\.value) == ["180000000", "1500000", "1", "0", "9223372036854775", "34"])
        #expect(fields.allSatisfy { $0.name.rawValue.hasSuffix("_USEC") })
    }

    @Test func numbersAndTruthValuesAreText() {
        #expect(JournalField.sessionResumed(true).value == "yes")
        #expect(JournalField.sessionResumed(false).value == "no")
        #expect(JournalField.serverCode(-1).value == "-1")
        #expect(JournalField.attempts(118).value == "118")
    }
}
