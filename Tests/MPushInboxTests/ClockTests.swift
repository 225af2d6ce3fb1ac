import Foundation
import MPushConfiguration
import MPushTime
import NIOCore
import Testing

@testable import MPushInbox

/// A wall clock that was wrong, and is set while the daemon runs: simulated, the machine's is left alone.
@Suite struct ClockTests {
    private static let boot = Instant(sinceBoot: .seconds(20))
    private static let wrong = WallTime(millisecondsSince1970: 86_400_000)
    private static let right = WallTime(millisecondsSince1970: 1_795_618_265_000)

    /// Positions and times of what is left when the clock is set to `time`, `passed` after a message came at `wrong`.
    private func left(at time: WallTime, after passed: Duration) throws -> [WallTime] {
        let directory = FileManager.default.temporaryDirectory.appending(path: "clock-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let store = try InboxStore(path: directory.path + "/inbox.db") { _, _ in }
        defer { store.close() }
        let settings = InboxSettings()
        _ = try store.open(.route("r"), fromOldest: true)
        try store.followClock(to: Self.wrong, boot: Self.boot)
        let message = NewMessage(
            identity: "home", user: "alice", received: Self.wrong, content: ByteBuffer(string: "x"),
            awaitsConsumer: false)
        _ = try store.store([message], settings: settings)
        try store.followClock(to: time, boot: Self.boot + passed)
        try store.removeOld(at: time, settings: settings)
        return try store.messages(MessageQuery()).map(\.received)
    }

    @Test func whatCameUnderAWrongClockIsNotOldWhenItIsSet() throws {
        #expect(try left(at: Self.right, after: .zero) == [Self.right])
        let before = WallTime(millisecondsSince1970: Self.right.millisecondsSince1970 - 10_000)
        #expect(try left(at: Self.right, after: .seconds(10)) == [before])
    }

    @Test func aClockThatIsAdjustedMovesNothing() throws {
        let soon = WallTime(millisecondsSince1970: Self.wrong.millisecondsSince1970 + 60_000)
        #expect(try left(at: soon, after: .seconds(10)) == [Self.wrong])
    }

    @Test func timeThatPassedIsTime() throws {
        let later = WallTime(millisecondsSince1970: Self.wrong.millisecondsSince1970 + 31 * 86_400_000)
        #expect(try left(at: later, after: .seconds(31 * 86_400)) == [])
    }

    /// What came under the wrong date counts as come now: it must age as all else does.
    @Test func aClockThatIsSetBackRemovesNothing() throws {
        let earlier = WallTime(millisecondsSince1970: 1000)
        #expect(try left(at: earlier, after: .seconds(10)) == [earlier])
    }

    /// The clock was ahead in an earlier process, and is right in this one.
    @Test func whatAnEarlierProcessHasFromTheFutureAges() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "clock-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let settings = InboxSettings()
        let future = WallTime(millisecondsSince1970: Self.right.millisecondsSince1970 + 20 * 365 * 86_400_000)
        var store = try InboxStore(path: directory.path + "/inbox.db") { _, _ in }
        _ = try store.open(.route("r"), fromOldest: true)
        let message = NewMessage(
            identity: "home", user: "alice", received: future, content: ByteBuffer(string: "x"), awaitsConsumer: false)
        _ = try store.store([message], settings: settings)
        store.close()
        store = try InboxStore(path: directory.path + "/inbox.db") { _, _ in }
        defer { store.close() }
        try store.followClock(to: Self.right, boot: Self.boot)
        #expect(try store.messages(MessageQuery()).map(\.received) == [Self.right])
        let later = WallTime(millisecondsSince1970: Self.right.millisecondsSince1970 + 31 * 86_400_000)
        try store.followClock(to: later, boot: Self.boot + .seconds(31 * 86_400))
        try store.removeOld(at: later, settings: settings)
        #expect(try store.messages(MessageQuery()).isEmpty)
    }
}
