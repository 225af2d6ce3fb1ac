import Foundation
import MPushSimulator
import MPushTestSupport
import MPushWire
import Testing

@Suite struct SimulatorCommandTests {
    @Test(arguments: [
        ("", SimulatorCommand.nothing), ("  \t", .nothing), ("help", .help), ("list", .list), ("stats", .statistics),
        ("quit", .quit),
        ("push alice hello world", .push(user: "alice", text: "hello world", flags: .autoAck)),
        ("push alice hello --biz-ack", .push(user: "alice", text: "hello", flags: .bizAck)),
        ("push --no-ack alice hello", .push(user: "alice", text: "hello", flags: [])),
        ("broadcast news it rains", .broadcast(tag: "news", text: "it rains", flags: .autoAck)),
        ("pushmany alice 1000", .flood(user: "alice", count: 1000, size: 200)),
        ("pushmany alice 10 0", .flood(user: "alice", count: 10, size: 0)),
        ("kick alice", .inject(.kick, into: .user("alice"))),
        ("drop", .inject(.close, into: .present)), ("drop alice", .inject(.close, into: .user("alice"))),
        ("reset", .inject(.reset, into: .present)), ("rubbish", .inject(.sendRubbish, into: .present)),
        ("cut", .inject(.cutFrame(.close), into: .present)),
        ("cut silent", .inject(.cutFrame(.silence), into: .present)),
        ("expire", .inject(.expireSessions, into: .everyone)),
        ("mute", .inject(.muteHeartbeats, into: .everyone)), ("unmute", .lift(.muteHeartbeats)),
        ("late 2s", .inject(.answerLate(.seconds(2)), into: .everyone)), ("late 0", .lift(.answerLate(.zero))),
        ("twice on", .inject(.answerTwice, into: .everyone)), ("twice off", .lift(.answerTwice)),
        ("bytewise on", .inject(.writeBytewise, into: .everyone)), ("bytewise off", .lift(.writeBytewise)),
        ("silent 3", .inject(.sayNothing, into: .next(3, at: .accepted))),
        ("heartbeat 0", .inject(.tellHeartbeat(.zero), into: .everyone)),
        ("heartbeat -5s", .inject(.tellHeartbeat(.seconds(-5)), into: .everyone)),
        ("heartbeat off", .lift(.tellHeartbeat(.zero))), ("restore", .lift(nil)),
    ])
    func readsWhatIsTyped(line: String, expected: SimulatorCommand) throws {
        #expect(try SimulatorCommand(parsing: line) == expected)
    }

    @Test func readsWhatTheDocumentShows() throws {
        let text = try String(
            contentsOf: Fixture.folder.appending(path: "../../docs/try.md").standardizedFileURL, encoding: .utf8)
        let section = try #require(text.split(separator: "\n## ").first { $0.hasPrefix("Faults on command") })
        let rows = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
        #expect(rows.count >= 10)
        for command in rows.flatMap({ $0.matches(of: /`([^`]+)`/) }) {
            #expect(throws: Never.self, "\(command.1)") { try SimulatorCommand(parsing: String(command.1)) }
        }
    }

    @Test(arguments: [
        ("pusch alice hi", "pusch: no such command. help lists them."),
        ("pus alice hi", "pus: no such command. Did you mean push? help lists them."),
        ("push alice", "push is written: push USER TEXT [--auto-ack|--biz-ack|--no-ack]"),
        ("push alice hi --loud", "push is written: push USER TEXT [--auto-ack|--biz-ack|--no-ack]"),
        ("pushmany alice many", "pushmany is written: pushmany USER COUNT [BYTES]"),
        ("pushmany alice 0", "pushmany is written: pushmany USER COUNT [BYTES]"),
        ("late soon", "late is written: late DURATION"), ("late -1s", "late is written: late DURATION"),
        ("bytewise", "bytewise is written: bytewise on|off"), ("silent -1", "silent is written: silent COUNT"),
        ("mute now", "mute is written: mute"), ("drop a b", "drop is written: drop [USER]"),
    ])
    func saysHowItIsWritten(line: String, expected: String) {
        let error = #expect(throws: CommandError.self) { try SimulatorCommand(parsing: line) }
        #expect(error?.description == expected)
    }

    @Test func helpNamesEveryCommandInAColumn() {
        let lines = SimulatorCommand.helpText.split(separator: "\n")
        #expect(lines.count == 29)
        #expect(lines.allSatisfy { $0.count > 50 && $0.dropFirst(49).first == " " && $0.dropFirst(50).first != " " })
    }

    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("2s", .seconds(2)), ("3m", .seconds(180)), ("1h", .seconds(3600)),
        ("-5s", .seconds(-5)), ("0", .zero), ("24h", .seconds(86_400)),
    ])
    func readsDurations(text: String, expected: Duration) {
        #expect(Duration(argument: text) == expected)
    }

    @Test(arguments: ["", "s", "5", "2 s", "1.5s", "25h", "-9223372036854775808ms", "99999999999999999999s", "2S"])
    func refusesWhatIsNoDuration(text: String) {
        #expect(Duration(argument: text) == nil)
    }
}
