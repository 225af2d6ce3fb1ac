import Foundation
import MPushModel
import MPushTestSupport
import Testing

@testable import mpushctl

/// What the journal says of outages.
@Suite struct HistoryTests {
    private static let begin = WallTime(millisecondsSince1970: 1_767_225_600_000)
    private static let now = at(100_000)

    private static func at(_ seconds: Int) -> WallTime { begin.advanced(by: .seconds(seconds)) }

    private static func record(_ seconds: Int, _ kind: JournalRecord.Kind, boot: String = "a") -> JournalRecord {
        JournalRecord(time: at(seconds), boot: boot, run: "r", kind: kind)
    }

    private static func online(_ seconds: Int, after length: Int? = nil, attempts: Int = 0) -> JournalRecord {
        record(
            seconds,
            .online(
                identity: "alice",
                after: length.map { .init(length: .seconds($0), attempts: attempts, reason: "refused") }))
    }

    private static func history(
        _ records: [JournalRecord], before: JournalRecord? = nil, lastSign: Int? = nil
    ) -> OutageHistory {
        OutageHistory(records, before: before, since: begin, now: now) { _, _ in lastSign.map(at) }
    }

    @Test func anOutageHasItsBeginItsEndAndItsReason() {
        let history = Self.history(
            [Self.online(50_000, after: 10_000, attempts: 118)], before: Self.record(-5, .started))
        #expect(
            history.gaps == [
                .init(
                    identity: "alice", began: Self.at(40_000), ended: Self.at(50_000), attempts: 118, reason: "refused")
            ])
        #expect(history.summary == "online 90 %, 1 outage, longest 2 h 46 min")
    }

    @Test func whereNothingIsKnownBeforeTheFirstRecordItBeginsThere() {
        let history = Self.history([
            Self.record(50_000, .started), Self.online(50_000), Self.online(75_000, after: 500),
        ])
        #expect(history.since == Self.at(50_000))
        #expect(history.summary == "online 99 %, 1 outage, longest 8 min 20 s")
    }

    @Test func aDaemonThatDidNotRunIsThereWithItsReason() {
        let stopped = Self.history([
            Self.record(10, .started), Self.online(10), Self.record(1000, .stopping), Self.record(3000, .started),
        ])
        #expect(stopped.gaps == [.init(began: Self.at(1000), ended: Self.at(3000), reason: "mpushd was stopped")])
        #expect(stopped.summary == "online 97.99 %, no outage, mpushd was away once")
        let killed = Self.history([Self.record(10, .started), Self.record(3000, .started)], lastSign: 2000)
        #expect(killed.gaps.map(\.reason) == ["mpushd ended without a word"])
        let cut = Self.history([Self.record(10, .started), Self.record(3000, .started, boot: "b")], lastSign: 2000)
        #expect(
            cut.gaps == [.init(began: Self.at(2000), ended: Self.at(3000), reason: "the machine ended without a word")])
        #expect(Self.history([Self.record(10, .started)], before: Self.record(-600, .stopping)).gaps.count == 1)
        #expect(Self.history([Self.record(10, .started), Self.record(1000, .stopping)]).gaps[0].ended == nil)
    }

    /// The next run of the daemon counts its outages anew.
    @Test func anOutageThatTheEndOfTheDaemonEndsIsThere() {
        let lost = Self.record(1000, .lost(identity: "alice", reason: "closed"))
        let stopped = Self.history([
            Self.record(10, .started), Self.online(10), lost, Self.record(1010, .lost(identity: "alice", reason: "x")),
            Self.record(4000, .stopping), Self.record(4000, .started), Self.online(4000),
        ])
        #expect(
            stopped.gaps == [.init(identity: "alice", began: Self.at(1000), ended: Self.at(4000), reason: "closed")])
        // Its connections are closed after it has said so.
        let inOrder = Self.history([
            Self.record(10, .started), Self.record(1000, .stopping), lost, Self.record(3000, .started),
        ])
        #expect(inOrder.gaps.map(\.reason) == ["mpushd was stopped"])
        #expect(Self.history([Self.record(1000, .stopping), lost]).gaps.map(\.ended) == [nil])
        let killed = Self.history(
            [Self.record(10, .started), lost, Self.record(4000, .started), Self.online(4000)], lastSign: 3000)
        #expect(killed.gaps.map(\.identity) == ["alice", nil])
        #expect(killed.gaps.map(\.ended) == [Self.at(3000), Self.at(4000)])
        #expect(Self.history([Self.record(10, .started), lost, Self.online(1001, after: 1)]).gaps.count == 1)
        var away = Self.history([Self.record(10, .started), lost])
        away.isAway(since: Self.at(2000))
        #expect(away.gaps.map(\.ended) == [Self.at(2000), nil])
    }

    /// Restarts, and changes of the server, that take a moment have missed nothing.
    @Test func momentsAreNoGaps() {
        let history = Self.history(
            [
                Self.record(1000, .stopping), Self.record(1000, .started), Self.online(1000),
                Self.online(2000, after: 0), Self.online(3000, after: 0, attempts: 1),
            ], before: Self.record(-5, .started))
        #expect(history.gaps.map(\.attempts) == [1])
    }

    @Test func outagesThatLastAndOthersIdentitiesCount() {
        var history = Self.history([Self.online(10)], before: Self.record(-5, .started))
        history.isThere("alice", in: nil)
        history.isThere("bob", in: .init(identity: "bob", began: Self.at(50_000), reason: "refused"))
        #expect(history.share == 0.75)
        #expect(history.only("alice").summary == "online 100 %, no outage")
        #expect(history.only("bob").summary == "online 50 %, 1 outage, longest 13 h 53 min")
    }

    /// Less than all is never shown as all, and what began before the time that is asked for counts from then.
    @Test func theShareIsRoundedDown() {
        let history = Self.history([Self.online(2, after: 50_000)], before: Self.record(-90_000, .started))
        #expect(history.summary == "online 99.99 %, 1 outage, longest 13 h 53 min")
    }

    @Test(arguments: [
        "", "x", "{}", "[]", #"{"__REALTIME_TIMESTAMP":"soon"}"#,
        #"{"__REALTIME_TIMESTAMP":"1","MESSAGE_ID":"13d76ff44c8b4d8d910fc87618110c98"}"#,
    ])
    func whatIsNoEntryIsNone(line: String) {
        #expect(JournalRecord(line[...]) == nil)
    }

    @Test func fieldsThatAreNoNumbersAreNotBelieved() {
        func entry(_ fields: String) -> JournalRecord.Kind? {
            JournalRecord(
                #"{"__REALTIME_TIMESTAMP":"1767225600000000","MESSAGE_ID":"13d76ff44c8b4d8d910fc87618110c98","#
                    + "\"MPUSH_IDENTITY\":\"alice\"\(fields)}")?.kind
        }
        #expect(entry("") == .online(identity: "alice", after: nil))
        #expect(entry(#","MPUSH_LASTED_USEC":"-1""#) == .online(identity: "alice", after: nil))
        #expect(entry(#","MPUSH_LASTED_USEC":"99999999999999999999""#) == .online(identity: "alice", after: nil))
        #expect(
            entry(#","MPUSH_LASTED_USEC":"9223372036854775807","MPUSH_ATTEMPTS":"-3","MPUSH_CAUSE_DETAIL":[1,2]"#)
                == .online(
                    identity: "alice", after: .init(length: .microseconds(Int64.max), attempts: 0, reason: nil)))
    }

    // MARK: - The command

    /// A stand-in for journalctl(1), which says `lines`.
    private static func journalctl(_ lines: [String], in folder: TemporaryDirectory) throws -> String {
        try folder.write("entries", Array((lines.joined(separator: "\n") + "\n").utf8))
        let script = folder.path("journalctl")
        try folder.write("journalctl", Array("#!/bin/sh\nexec cat '\(folder.path("entries"))'\n".utf8))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
        return folder.path("") + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
    }

    @Test func theCommandShowsWhatTheJournalHas() throws {
        let folder = try TemporaryDirectory()
        let outage =
            #"{"__REALTIME_TIMESTAMP":"1767225600000000","_BOOT_ID":"a","MESSAGE_ID":"13d76ff44c8b4d8d910fc87618110c98","#
            + #""MPUSH_IDENTITY":"alice","MPUSH_LASTED_USEC":"12660000000","MPUSH_ATTEMPTS":"118","#
            + #""MPUSH_CAUSE_DETAIL":"192.0.2.7:3443: connection refused"}"#
        let path = try Self.journalctl([outage], in: folder)
        func history(_ arguments: String...) throws -> PlayedDaemon.Outcome {
            try BuiltProgram.run("mpushctl", ["history"] + arguments, environment: ["PATH": path])
        }
        let text = try history("--since", "2025-12-31", "-o", "wide")
        #expect(text.status == 0, "\(text.complaint)")
        #expect(text.output.contains("offline 3 h 31 min, 118 attempts: 192.0.2.7:3443: connection refused"))
        #expect(text.output.contains(", 1 outage, longest 3 h 31 min\n"))
        #expect(text.complaint.contains("Outages that last are not in it"))
        let json = try history("--json")
        #expect(json.output.contains(#""identity":"alice","from":"2025-12-31T20:29:00.000Z""#), "\(json.output)")
        #expect(try history("--since", "soon").status == 64)
        #expect(try history("--socket", "/nonexistent").status == 64)
    }

    @Test func aJournalThatSaysNothingIsSaid() throws {
        let folder = try TemporaryDirectory()
        let path = try Self.journalctl([], in: folder)
        func history() throws -> PlayedDaemon.Outcome {
            try BuiltProgram.run("mpushctl", ["history"], environment: ["PATH": path])
        }
        let outcome = try history()
        #expect(outcome.status == (geteuid() == 0 ? 69 : 77))
        #expect(outcome.complaint.contains("nothing of mpushd.service"), "\(outcome.complaint)")
        try folder.write("journalctl", Array("#!/bin/sh\necho 'no journal files were found' >&2\nexit 1\n".utf8))
        let broken = try history()
        #expect(broken.status == 75)
        #expect(broken.complaint.contains("the journal cannot be read: "), "\(broken.complaint)")
    }
}
