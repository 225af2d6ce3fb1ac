import MPushModel
import MPushSession
import Testing

/// The rule of PROTOCOL.md section 6, stepped through with a simulated clock. Times are seconds since the session was
/// opened; h is 180 s.
@Suite struct HealthCheckTableTests {
    /// One course of events, and what the rule says to it.
    struct Row: CustomTestStringConvertible, Sendable {
        let name: String
        /// How long answers took before.
        var roundTrips: [Double] = []
        var pingEvery: Double?
        var confirmation: Double?
        /// When bytes are read.
        var reads: [Double] = []
        /// When something else than a heartbeat is written.
        var writes: [Double] = []
        let until: Double
        let expected: [String]

        var testDescription: String { name }
    }

    static let withoutConfirmation = [
        Row(
            name: "silence from the beginning", until: 1000,
            expected: ["179.0 beat", "358.0 missed after 358.0", "358.0 beat", "537.0 dead after 537.0"]),
        Row(
            name: "one answer, then silence", reads: [179.03], until: 1000,
            expected: [
                "179.0 beat", "358.0 beat", "537.0 missed after 357.97", "537.0 beat", "716.0 dead after 536.97",
            ]),
        Row(
            name: "every heartbeat answered", reads: [179.03, 358.03, 537.03], until: 600,
            expected: ["179.0 beat", "358.0 beat", "537.0 beat"]),
        Row(
            name: "bytes between the two misses", reads: [530], until: 900,
            expected: [
                "179.0 beat", "358.0 missed after 358.0", "358.0 beat", "530.0 recovered", "537.0 beat",
                "716.0 missed after 186.0", "716.0 beat", "895.0 dead after 365.0",
            ]),
        Row(
            name: "exactly h + 1 s of silence at a check is no missed read", reads: [177], until: 400,
            expected: ["179.0 beat", "358.0 beat"]),
        Row(
            name: "one millisecond more is", reads: [176.999], until: 400,
            expected: ["179.0 beat", "358.0 missed after 181.001", "358.0 beat"]),
        Row(
            name: "writes put the heartbeat off", reads: [100, 200], writes: [100, 200, 300], until: 500,
            expected: ["479.0 beat"]),
    ]

    static let withConfirmation = [
        Row(
            name: "silence from the beginning", confirmation: 10, until: 1000,
            expected: ["179.0 beat", "181.001 missed after 181.001", "181.001 beat", "191.001 dead after 191.001"]),
        Row(
            name: "the confirmation is answered", confirmation: 10, reads: [185], until: 1000,
            expected: [
                "179.0 beat", "181.001 missed after 181.001", "181.001 beat", "185.0 recovered", "360.001 beat",
                "366.001 missed after 181.001", "366.001 beat", "376.001 dead after 191.001",
            ]),
        Row(
            name: "every heartbeat answered", confirmation: 10, reads: [179.03, 358.03, 537.03], until: 600,
            expected: ["179.0 beat", "358.0 beat", "537.0 beat"]),
        Row(
            name: "exactly h + 1 s of silence is no missed read", confirmation: 10, reads: [181], until: 300,
            expected: ["179.0 beat"]),
        Row(
            name: "ping_every beats more often", pingEvery: 55, confirmation: 10, reads: [55.03, 110.03, 165.03],
            until: 170, expected: ["55.0 beat", "110.0 beat", "165.0 beat"]),
        Row(
            name: "a dead peer is found at once with ping_every", pingEvery: 55, confirmation: 10, until: 1000,
            expected: ["55.0 beat", "65.0 missed after 65.0", "65.0 beat", "75.0 dead after 75.0"]),
        Row(
            name: "ping_every never beats less often than the server asks", pingEvery: 300, confirmation: 10,
            until: 180, expected: ["179.0 beat"]),
        Row(
            name: "ping_every of no length is held to a second", pingEvery: -1, confirmation: 10, until: 3.5,
            expected: ["1.0 beat", "2.0 beat", "3.0 beat"]),
        Row(
            name: "bytes that are no answer count as well", confirmation: 10, reads: [60, 120, 180, 240, 300],
            until: 350, expected: ["179.0 beat"]),
    ]

    /// With round trips of 50 ms, 600 ms and so on that the connection has seen before.
    static let withRoundTrips = [
        Row(
            name: "a dead peer on a short path", roundTrips: [0.05, 0.05], confirmation: 10, until: 1000,
            expected: ["179.0 beat", "180.0 missed after 180.0", "180.0 beat", "181.5 dead after 181.5"]),
        Row(
            name: "a dead peer on a short path, with ping_every", roundTrips: [0.05, 0.05], pingEvery: 55,
            confirmation: 10, reads: [55.05], until: 1000,
            expected: ["55.0 beat", "110.0 beat", "111.0 missed after 55.95", "111.0 beat", "112.5 dead after 57.45"]),
        Row(
            name: "a dead peer on a long path", roundTrips: [0.6, 0.6, 0.6, 2.0, 0.6], confirmation: 10, until: 1000,
            expected: ["179.0 beat", "180.8 missed after 180.8", "180.8 beat", "190.8 dead after 190.8"]),
        Row(
            name: "any byte is an answer", roundTrips: [0.05], confirmation: 10, reads: [179.9], until: 300,
            expected: ["179.0 beat"]),
        Row(
            name: "a late answer is one", roundTrips: [0.05], confirmation: 10, reads: [181.4], until: 300,
            expected: ["179.0 beat", "180.0 missed after 180.0", "180.0 beat", "181.4 recovered"]),
        Row(
            name: "without a confirmation no answer is awaited", roundTrips: [0.05], until: 300,
            expected: ["179.0 beat"]),
    ]

    @Test(arguments: withoutConfirmation + withConfirmation + withRoundTrips)
    func followsTheTable(row: Row) {
        var script = HealthScript(row)
        #expect(script.run(until: row.until) == row.expected)
    }

    @Test func boundsAnAbsurdInterval() {
        let cases: [(asked: Duration, used: Duration)] = [
            (.zero, .seconds(2)), (.seconds(-1), .seconds(2)), (.milliseconds(Int64(Int32.min)), .seconds(2)),
            (.seconds(1), .seconds(2)), (.seconds(2), .seconds(2)), (.seconds(86_400), .seconds(86_400)),
            (.seconds(172_800), .seconds(86_400)), (.milliseconds(Int64(Int32.max)), .seconds(86_400)),
        ]
        for (asked, used) in cases {
            #expect(HealthCheck(asked: asked, settings: HealthSettings(), at: .zero).interval == used)
        }
    }
}

/// Runs a row of the table.
private struct HealthScript {
    private var check: HealthCheck
    private var reads: [Instant]
    private var writes: [Instant]
    private var lines: [String] = []

    init(_ row: HealthCheckTableTests.Row) {
        let settings = HealthSettings(
            pingEvery: row.pingEvery.map { .seconds($0) }, confirmation: row.confirmation.map { .seconds($0) })
        check = HealthCheck(asked: .seconds(180), settings: settings, at: .zero)
        for time in row.roundTrips { check.openingAnswered(after: .seconds(time)) }
        reads = row.reads.map(HealthScript.instant)
        writes = row.writes.map(HealthScript.instant)
    }

    /// Steps from event to event; at one instant bytes are read before deadlines are looked at, as an event loop does.
    mutating func run(until end: Double) -> [String] {
        var isAlive = true
        while isAlive, let now = nextEvent, now <= HealthScript.instant(end) {
            while reads.first == now {
                reads.removeFirst()
                if check.bytesRead(at: now) { lines.append("\(HealthScript.seconds(now.sinceBoot)) recovered") }
            }
            while writes.first == now {
                writes.removeFirst()
                check.bytesWritten(at: now)
            }
            for verdict in check.deadlineReached(at: now) { isAlive = take(verdict, at: now) && isAlive }
        }
        return lines
    }

    private var nextEvent: Instant? { [check.nextDeadline, reads.first, writes.first].compactMap(\.self).min() }

    private mutating func take(_ verdict: HealthCheck.Verdict, at now: Instant) -> Bool {
        let time = HealthScript.seconds(now.sinceBoot)
        switch verdict {
        case .beat:
            check.bytesWritten(at: now)
            lines.append("\(time) beat")
        case .missed(let silence):
            lines.append("\(time) missed after \(HealthScript.seconds(silence))")
        case .dead(let missedReads, let silence):
            #expect(missedReads == 2)
            lines.append("\(time) dead after \(HealthScript.seconds(silence))")
            return false
        }
        return true
    }

    private static func instant(_ seconds: Double) -> Instant {
        .zero + .milliseconds(Int64((seconds * 1000).rounded()))
    }

    private static func seconds(_ duration: Duration) -> Double { Double(duration.wholeMilliseconds) / 1000 }
}
