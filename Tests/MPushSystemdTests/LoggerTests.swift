import MPushModel
import MPushSystemd
import Testing

@Suite struct LoggerTests {
    private let sink = MemorySink()

    @Test func writesWhatIsAtTheMinimumLevelOrAbove() {
        let log = Logger(sink: sink, minimumLevel: .notice)
        for level in LogLevel.allCases { log.log(level, "at \(level.rawValue)") }
        #expect(sink.records.map(\.text) == ["at notice", "at warning", "at error"])
        #expect(sink.records.map(\.level) == [.notice, .warning, .error])
    }

    @Test func buildsNothingThatIsNotWritten() {
        var built = 0
        func text() -> String {
            built += 1
            return "text"
        }
        func fields() -> [JournalField] {
            built += 1
            return []
        }
        let log = Logger(sink: sink, minimumLevel: .info)
        log.log(.debug, text(), fields())
        log.log(.messageReceived, text(), fields())
        #expect(built == 0)
        log.log(.info, text(), fields())
        #expect(built == 2)
    }

    @Test func anEventHasALevelOfItsOwnUnlessToldOtherwise() {
        let log = Logger(sink: sink, minimumLevel: .debug)
        log.log(.bindRejected, "refused")
        log.log(.bindRejected, level: .info, "refused")
        #expect(sink.records.map(\.level) == [.error, .info])
        #expect(sink.records.allSatisfy { $0.event == .bindRejected })
    }

    @Test func aNewLevelHoldsForEveryCopy() {
        let log = Logger(sink: sink, minimumLevel: .info)
        let copy = log.with([.user("alice")])
        copy.log(.debug, "before")
        log.minimumLevel = .debug
        copy.log(.debug, "after")
        #expect(copy.minimumLevel == .debug)
        #expect(sink.records.map(\.text) == ["after"])
    }

    @Test func contextGoesWithEveryRecordAndYieldsToTheRecordsOwn() {
        let log = Logger(sink: sink).with([.identity("home"), .user("alice")]).with([.user("bob")])
        log.log(.online, "online", [.endpoint("a:1")])
        log.log(.info, "as carol", [.user("carol")])
        #expect(
            sink.records.map(\.fields) == [
                [.identity("home"), .user("bob"), .endpoint("a:1")],
                [.identity("home"), .user("carol")],
            ])
    }

    @Test func levelsAreThoseOfSyslogAndFoundByTheirWord() {
        #expect(LogLevel.allCases.map(\.priority) == [7, 6, 5, 4, 3])
        #expect(LogLevel.allCases == LogLevel.allCases.sorted())
        for level in LogLevel.allCases { #expect(LogLevel(rawValue: level.rawValue) == level) }
        #expect(LogLevel(rawValue: "Error") == nil)
        #expect(LogLevel(rawValue: "") == nil)
    }
}
