import MPushModel
import MPushSession
import MPushSupervision
import MPushSystemd
import MPushTestSupport
import NIOCore
import NIOEmbedded
import Testing

@testable import MPushIdentity
@testable import MPushPlatform

/// What the journal says of an outage that lasts, and of its end.
@Suite struct OutageJournalTests {
    private final class Events: IdentityEventSink {
        func record(_ event: IdentityEvent) {}
    }

    private let clock = SettableClock(wall: WallTime(millisecondsSince1970: 1_700_000_000_000))
    private let sink = MemorySink()
    private let log: IdentityLog

    init() throws {
        let timer = try LoopTimer(on: EmbeddedEventLoop(), clock: clock)
        let journal = FleetJournal(Logger(sink: sink), events: Events(), timer: timer)
        log = IdentityLog(journal, name: "alice", isOneOfSeveral: false, allocator: nil, clock: clock)
    }

    /// An outage that began `age` ago.
    private func watch(_ age: Duration, attempts: Int) -> OutageWatch {
        var watch = OutageWatch(at: clock.now + (.zero - age), wall: clock.wall.advanced(by: .zero - age))
        watch.attemptsFailed(attempts)
        return watch
    }

    private let refused = LossCause.connect(detail: "192.0.2.7:3443: connection refused")

    @Test func oneThatLastsIsToldInTheWordsOfStatus() {
        let since = clock.wall.advanced(by: .seconds(-900)).humanReadable(at: clock.wall)
        log.write(
            .stillTrying(refused, attempts: 17, next: .seconds(97)), user: "alice",
            outage: watch(.seconds(900), attempts: 18).outage, state: .waiting)
        log.write(.stillTrying(refused, attempts: 17, next: nil), user: "alice", outage: nil, state: .noNetwork)
        let error = "192.0.2.7:3443: connection refused"
        #expect(
            sink.records.map(\.text) == [
                "offline since \(since) (15 min), 18 attempts: \(error), next in 97 s",
                "no connection, 17 attempts: \(error), no route to a server, waiting for the network",
            ])
        #expect(
            sink.records[0].fields.contains(.attempts(18)) && sink.records[0].fields.contains(.lasted(.seconds(900))))
    }

    @Test(arguments: [
        (Duration.seconds(12_660), 118, ", after 3 h 31 min offline, 118 attempts"),
        (.milliseconds(200), 1, ", after 200 ms offline, 1 attempt"), (.seconds(2), 0, ", after 2 s offline"),
        (.milliseconds(200), 0, ""),
    ])
    func theLineThatEndsOneHasItsLength(length: Duration, attempts: Int, words: String) throws {
        var watch = watch(length, attempts: attempts)
        watch.stateChanged(to: .online, isWished: true, failed: 0, at: clock.now, wall: clock.wall)
        let report = OnlineReport(userID: "alice", isResumed: true, heartbeat: .seconds(180), elapsed: .zero)
        log.write(
            .online(report), endpoint: try Endpoint(parsing: "push.example.com:3443"), device: "d", user: "alice",
            state: .online, tls: nil, setup: .milliseconds(71), isNews: true,
            after: watch.takeEnd(cause: refused))
        #expect(
            sink.records.map(\.text) == [
                "online as alice at push.example.com:3443 (resumed in 71 ms, heartbeat 180 s)" + words
            ])
        for field in [.attempts(attempts), .lasted(length), .causeDetail(refused.sentence)] as [JournalField] {
            #expect(sink.records[0].fields.contains(field) == !words.isEmpty)
        }
    }

    /// A server that binds nobody says at each attempt that it does not know the session.
    @Test func whatEachAttemptMeetsIsToldOnce() throws {
        var watch = watch(.seconds(900), attempts: 17)
        let endpoint = try Endpoint(parsing: "push.example.com:3443")
        for report in [
            SessionReport.resumeRefused(reason: "session expired"),
            .absurdHeartbeat(asked: .zero, used: .seconds(180)), .resumeRefused(reason: "session expired"),
            .absurdHeartbeat(asked: .zero, used: .seconds(180)),
        ] {
            log.write(
                report, endpoint: endpoint, device: "d", user: "alice", state: .handshaking, tls: nil,
                setup: .milliseconds(71), isNews: watch.isNews(report), after: nil)
        }
        #expect(
            sink.records.map(\.text) == [
                "push.example.com:3443 does not know the stored session any more (session expired); a handshake follows",
                "push.example.com:3443 asks for a heartbeat of 0 ms; using 180 s",
            ])
    }
}
