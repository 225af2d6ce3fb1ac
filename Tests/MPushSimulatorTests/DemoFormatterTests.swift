import MPushModel
import MPushSimulator
import Testing

@Suite struct DemoFormatterTests {
    private let plain = DemoFormatter(isColoured: false)

    @Test func bothSidesStandInTheSameColumns() {
        let lines = [
            plain.lines(.event(.heartbeat), at: .milliseconds(2551), width: nil),
            plain.lines(.event(.connected(peer: "127.0.0.1:9")), at: .seconds(3), width: nil),
            plain.lines(.log("notice", "online as alice"), at: .milliseconds(12_004), width: nil),
            plain.lines(.message("{}"), at: .seconds(4), width: nil),
            plain.lines(.approve("bind", after: .milliseconds(71)), at: .seconds(5), width: nil),
            plain.lines(.complain("no bind"), at: .seconds(6), width: nil),
        ].joined()
        #expect(
            Array(lines) == [
                "   2.551  server  │ heartbeat     #1", "   3.000  server  │ connected     #1 127.0.0.1:9",
                "  12.004  mpushd  │ notice        online as alice", "   4.000  message │ {}",
                "   5.000  demo    │ ok            bind, after 71 ms", "   6.000  demo    │ FAILED        no bind",
            ])
    }

    @Test func longTextsGoOnBelowThemselves() {
        let lines = plain.lines(.log("info", "one two three four five six"), at: .seconds(1), width: 54)
        #expect(
            lines == [
                "   1.000  mpushd  │ info          one two three four", "          mpushd  │               five six",
            ])
    }

    @Test(arguments: [1, 40, 80, 132])
    func noLineIsLongerThanTheTerminal(width: Int) {
        let line = #"{"identity":"alice","user":"alice","received":"2026-11-22T13:57:06.978Z","number":1,"ack":"x"}"#
        let lines =
            plain.lines(.message(line), at: .seconds(1), width: width)
            + plain.lines(.log("info", line), at: .seconds(1), width: width)
        #expect(lines.allSatisfy { $0.count <= max(width, 54) })
        #expect(lines.count >= 2)
    }

    @Test func whatATerminalWouldObeyIsNotShown() {
        let lines = plain.lines(.log(DemoLogLine("\u{1B}[2J\r\u{7}boo")), at: .zero, width: nil)
        #expect(lines == ["   0.000  mpushd  │               \\u{1b}[2J\\r\\u{7}boo"])
    }

    @Test func coloursAddNothingElse() {
        let observation = DemoObservation.log("warning", "connection lost")
        let coloured = DemoFormatter(isColoured: true).lines(observation, at: .seconds(1), width: 80)
        #expect(coloured.joined().contains("\u{1B}[33mwarning"))
        let stripped = coloured.map { $0.replacing(#/\u{1B}\[[0-9]+m/#, with: "") }
        #expect(stripped == plain.lines(observation, at: .seconds(1), width: 80))
    }

    @Test func theResultIsALineOfItsOwn() {
        var rehearsal = DemoRehearsal(omits: { $0.what == "ACK for each of them" })
        rehearsal.run()
        #expect(
            plain.summary(rehearsal.director.result, after: .seconds(15)) == [
                "", "demo: FAILED: no ACK for each of them within 10 s after the pushes",
                "demo: 1 whole scene in 15 s", "\(rehearsal.director.result.passed) passed, 1 failed",
            ])
    }
}
