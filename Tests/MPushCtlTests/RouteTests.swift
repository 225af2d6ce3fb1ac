import Foundation
import MPushControl
import MPushModel
import MPushPlatform
import MPushTestSupport
import Testing

@testable import mpushctl

/// `mpushctl routes`, `mpushctl trace` and what they show.
@Suite struct RouteTests {
    private static let now = WallTime(millisecondsSince1970: 1_795_342_272_123)
    private let plain = Style(isColoured: false)

    @Test func aTraceSaysWhatBecameOfTheMessageWithEach() {
        let lines = TraceText(width: 100, now: Self.now, style: plain).lines(Samples.trace)
        let clock = Self.now.localClockText.prefix(5)
        #expect(lines[0].hasPrefix("m-7  #7 for alice, 1 B, received \(clock)"))
        #expect(lines[0].hasSuffix("acknowledged after 2 ms"))
        #expect(lines[1].hasPrefix("  notify  done           \(clock):12"))
        #expect(lines[2].hasPrefix("  alarm   dead letter    \(clock):12  "))
        #expect(lines[2].hasSuffix("attempt 1: exit status 3 (no printer)"))
        #expect(
            lines[3] == "  hook    waiting        target down for 130 s, next attempt in 3.5 s; connection refused")
        #expect(lines[4] == "  lamp    passed over    its filter does not want it")
        #expect(lines[5] == "  old     not concerned  it began after this message  (the route is not configured now)")
        #expect(lines[6].hasPrefix("  till    acknowledged   \(clock)"))
    }

    @Test(arguments: [60, 80, 120])
    func routesAreATableThatWrapsBetweenWords(width: Int) {
        var down = RouteStatus(name: "mail", kind: "exec")
        (down.state, down.targetDownFor) = (.down, .seconds(130))
        down.lastFailure = "the program could not be started: no such file or directory (/usr/lib/mail/send)"
        let lines = RouteTable(width: width, style: plain).lines([Samples.route, down])
        #expect(lines[0].hasPrefix("ROUTE  STATE"))
        #expect(lines[1].hasPrefix("hook   paused, 58 min left  3        70 s    12/min"))
        #expect(lines.contains { $0.hasPrefix("mail   down for 130 s ") })
        let words = Set(down.lastFailure?.split(separator: " ").map(String.init) ?? [])
        #expect(words.isSubset(of: Set(lines.flatMap { $0.split(separator: " ").map(String.init) })))
    }

    @Test func timesAreReadAsPeopleWriteThem() {
        #expect(TimeWords.span("1h30m") == .seconds(5400))
        #expect(TimeWords.span("90 min") == .seconds(5400))
        #expect(TimeWords.span("2d") == .seconds(172_800))
        for text in ["", "h", "1", "1x", "-1h", "99999999999h", "1h-", "9999999999w"] {
            #expect(TimeWords.span(text) == nil, "\(text)")
        }
        let now = Self.now
        func time(_ text: String) -> String? { TimeWords.time(text, at: now)?.humanReadable(at: now) }
        #expect(TimeWords.time("1h", at: now)?.millisecondsSince1970 == now.millisecondsSince1970 - 3_600_000)
        #expect(TimeWords.time("2026-11-22T10:11:12Z", at: now) == WallTime(rfc3339: "2026-11-22T10:11:12Z"))
        #expect(time("2026-01-02 03:04") == "2026-01-02 03:04")
        #expect(time("2026-01-02") == "2026-01-02 00:00")
        #expect(time("today") == "00:00" && time("14:30") == "14:30" && time("14:30:59") == "14:30")
        #expect(time("yesterday")?.hasSuffix(" 00:00") == true)
        for text in ["25:00", "2026-13-01", "tomorrow", "2026-01-02 ", "1:2:3:4", "2026-01-02 03:04 05", "--", "٣:٣"] {
            #expect(TimeWords.time(text, at: now) == nil, "\(text)")
        }
    }

    /// The whole of it with the real daemon, over its real socket.
    @Test func routesArePausedTestedAndTraced() async throws {
        let route = """
            [[route]]
            name = "notify"
            exec = ["/bin/sh", "-c", "test \\"$(cat)\\" != bad || exit 3"]
            [[route]]
            name = "picky"
            exec = ["/bin/true"]
            when = { content = "never" }
            """
        try await PlayedDaemon.run(more: route) { daemon in
            #expect(try daemon.ctl("routes", "pause", "notify", "--for", "1h").output.hasPrefix("notify is paused for"))
            try await daemon.push(#"{"msgId":"m/1 a","content":"x"}"#)
            var trace = try daemon.ctl("trace", "m/1 a")
            for _ in 0..<200 where trace.status != 0 { trace = try daemon.ctl("trace", "m/1 a") }
            #expect(trace.output.contains("the route is paused for"), "\(trace)")
            #expect(trace.output.contains("its filter does not want it"), "\(trace)")
            // An hour, or what is left of it by now.
            let list = try daemon.ctl("routes", "list").output
            #expect(list.contains(/paused, \d.* left/), "\(list)")
            #expect(try daemon.ctl("routes", "resume", "notify").output.hasPrefix("notify goes on"))
            for _ in 0..<200 where !trace.output.contains("done") { trace = try daemon.ctl("trace", "#1") }
            #expect(trace.output.contains("done"), "\(trace)")
            #expect(try daemon.ctl("routes", "test", "notify").status == 0)
            let refused = try daemon.ctl("routes", "test", "notify", "--content", "bad")
            #expect(refused.status == 75 && refused.complaint.contains("notify did not take mpushd-test-"))
            #expect(try daemon.ctl("routes", "pause", "nope").complaint.contains("There is no route nope"))
            #expect(try daemon.ctl("routes", "pause", "nope").status == 65)
            #expect(try daemon.ctl("trace", "nope").status == 65)
            #expect(try daemon.ctl("routes", "pause", "notify", "--for", "x").status == 64)
            #expect(
                try daemon.ctl("messages", "--grep", "content", "--since", "1h", "--user", "alice").output.contains(
                    "m/1 a"))
            #expect(try daemon.ctl("messages", "--grep", "elsewhere").output.contains("no messages"))
        }
    }
}
