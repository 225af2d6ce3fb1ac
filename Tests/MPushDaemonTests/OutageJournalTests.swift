import MPushModel
import MPushSession
import MPushSupervision
import MPushSystemd
import MPushTestSupport
import MPushWire
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
            state: .online, tls: nil, setup: .milliseconds(71), .written(left: 0),
            after: watch.takeEnd(cause: refused))
        #expect(
            sink.records.map(\.text) == [
                "online as alice at push.example.com:3443 (resumed in 71 ms, heartbeat 180 s)" + words
            ])
        for field in [.attempts(attempts), .lasted(length), .causeDetail(refused.sentence)] as [JournalField] {
            #expect(sink.records[0].fields.contains(field) == !words.isEmpty)
        }
    }

    /// What a server says at each attempt, or at each heartbeat: one that binds nobody, one that answers late.
    @Test func whatRepeatsItselfIsToldInFull() throws {
        var log = log
        let endpoint = try Endpoint(parsing: "push.example.com:3443")
        let reports: [(report: SessionReport, mostAtFirst: Int)] = [
            (.opened(isResumed: true, heartbeat: .seconds(180)), 1), (.resumeRefused(reason: "session expired"), 1),
            (.absurdHeartbeat(asked: .zero, used: .seconds(180)), 1),
            (.readMissed(silence: .seconds(40), isAsking: true), 3), (.readRecovered, 3),
            (.unhandledCommand(.login), 3), (.serverError(command: .handshake, code: .unknown, reason: "busy"), 3),
            (.kickForAnother(deviceID: "e", userID: "bob"), 3),
            (.messageTooLong(.body(bytes: 1_000_000, maximum: 100)), 3),
        ]
        for _ in 0..<20 {
            for (report, _) in reports { write(report, by: &log, at: endpoint) }
        }
        #expect(sink.records.count == reports.reduce(0) { $0 + $1.mostAtFirst })
        clock.advance(by: .seconds(600))
        write(.resumeRefused(reason: "session expired"), by: &log, at: endpoint)
        #expect(
            sink.records.last?.text
                == "push.example.com:3443 does not know the stored session any more (session expired); a handshake follows"
                + " (19 more like this were not written)")
    }

    private func write(_ report: SessionReport, by log: inout IdentityLog, at endpoint: Endpoint) {
        log.write(
            report, endpoint: endpoint, device: "d", user: "alice", state: .handshaking, tls: nil,
            setup: .milliseconds(71), log.verdict(on: report), after: nil)
    }
}
