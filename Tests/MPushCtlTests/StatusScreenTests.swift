import MPushControl
import MPushModel
import MPushPlatform
import Testing

@testable import mpushctl

/// `mpushctl status` with trouble, and with many identities.
@Suite struct StatusScreenTests {
    private static let now = WallTime(millisecondsSince1970: 1_795_342_272_123)

    private func status(_ identities: [IdentityReport]) -> DaemonStatus {
        var status = DaemonStatus(
            version: "0.4.0", processID: 812, started: Self.now, uptime: .seconds(12 * 86_400),
            configurationFile: "/etc/mpushd/mpushd.toml")
        status.identities = identities
        return status
    }

    private func online(_ name: String) -> IdentityReport {
        var identity = IdentityReport(name: name, state: .online, since: Self.now)
        (identity.user, identity.onlineFor) = (name, .seconds(14 * 86_400))
        (identity.endpoint, identity.lastRoundTrip) = ("push.example.com:3443", .milliseconds(41))
        identity.messages.received = 4120
        identity.lastLoss = LossReport(
            cause: "missed-reads", sentence: "missed reads (2 in a row, 201 s silent)", ended: Self.now,
            age: .seconds(14 * 86_400))
        return identity
    }

    private func offline(_ name: String, for age: Duration = .seconds(9 * 3600), attempts: UInt64 = 118)
        -> IdentityReport
    {
        var identity = IdentityReport(name: name, state: .waiting, since: Self.now)
        (identity.user, identity.nextAttempt) = (name, .seconds(97))
        identity.outage = OutageReport(since: Self.now.advanced(by: .zero - age), age: age, attempts: attempts)
        identity.lastLoss = LossReport(
            cause: "connect", sentence: "192.0.2.7:3443: connection refused", ended: Self.now, age: .seconds(12))
        return identity
    }

    private func screen(
        _ status: DaemonStatus, width: Int = 80, isColoured: Bool = false,
        _ change: (inout StatusScreen) -> Void = { _ in }
    ) -> [String] {
        var screen = StatusScreen(status: status, now: Self.now, width: width, style: Style(isColoured: isColoured))
        change(&screen)
        return screen.lines
    }

    @Test func anOutageSaysSinceWhenHowOftenWhyAndWhatNext() {
        let lines = screen(status([offline("alice")]), width: 120)
        let since = Self.now.advanced(by: .seconds(-9 * 3600)).humanReadable(at: Self.now)
        #expect(lines.first == "mpushd 0.4.0, up 12 d · 0 of 1 online")
        #expect(lines.contains("● alice   offline since \(since) (9 h), 118 attempts, next in 97 s"), "\(lines)")
        #expect(lines.contains { $0.contains("last error 12 s ago: 192.0.2.7:3443: connection refused") }, "\(lines)")
    }

    @Test func fromFourOnTheyAreATableWithTroubleFirst() {
        let five = ["a", "b", "c"].map(online) + [offline("d", for: .seconds(60), attempts: 1), offline("e")]
        let lines = screen(status(five), width: 120)
        #expect(lines.first == "mpushd 0.4.0, up 12 d · 3 of 5 online")
        #expect(lines.dropFirst().first?.hasPrefix("IDENTITY  STATE ") == true, "\(lines)")
        #expect(lines.dropFirst(2).map { String($0.prefix(1)) } == ["e", "d", "a", "b", "c"], "\(lines)")
        #expect(lines[2].contains("OFFLINE") && lines[2].contains("(9 h)"))
        #expect(lines[2].hasSuffix("192.0.2.7:3443: connection refused, 118 attempts, next in 97 s"), "\(lines[2])")
        #expect(lines[3].contains(", 1 attempt, "))
        #expect(lines[4].contains("41 ms") && lines[4].contains("4,120"))
        #expect(screen(status(Array(five.prefix(3)))).contains { $0.hasPrefix("● a@") })
    }

    @Test(arguments: [80, 120], [1, 5, 1000])
    func everyLineFits(width: Int, count: Int) {
        let identities = (0..<count).map { $0.isMultiple(of: 7) ? offline("till-\($0)") : online("till-\($0)") }
        var status = status(identities)
        status.inbox.failure = InboxFailure(
            .diskFull, "/var/lib/mpushd/inbox.db: no space left on device, and so nothing can be stored in it any more")
        var route = RouteStatus(name: "hook", kind: "webhook")
        (route.waiting, route.targetDownFor) = (3, .seconds(90))
        route.lastFailure = "https://hook.example.com/take: connection refused by the machine that it is on"
        status.routes = [RouteStatus(name: "mail", kind: "file"), route]
        for isColoured in [false, true] {
            let lines = screen(status, width: width, isColoured: isColoured)
            #expect(
                lines.allSatisfy { TextWrap.columns(of: $0) <= width },
                "\(lines.filter { TextWrap.columns(of: $0) > width })")
            let hook = lines.firstIndex { $0.contains("hook ") } ?? .max
            #expect(hook <= lines.firstIndex { $0.contains("mail ") } ?? -1, "trouble comes first")
        }
    }

    @Test func aTerminalGetsTheFirstAndACount() {
        let many = (0..<1000).map { $0 < 990 ? online("o\($0)") : offline("x\($0)") }
        let lines = screen(status(many)) { $0.mostIdentities = 20 }
        #expect(lines.count < 60, "\(lines.count)")
        #expect(lines.last == "... and 980 more, none of them offline")
        #expect(screen(status(many)) { $0.mostIdentities = 5 }.last == "... and 995 more, 5 of them offline")
        #expect(screen(status(many)).count > 1000)
    }

    @Test func onlyThoseThatAreOfflineAreShownWhereThatIsWished() {
        let lines = screen(status([online("alice"), offline("bob")])) { $0.isOfflineOnly = true }
        #expect(!lines.contains { $0.contains("alice") } && lines.contains { $0.contains("bob") })
        #expect(screen(status([online("alice")])) { $0.isOfflineOnly = true }.contains("every identity is online"))
    }

    @Test func theSummaryCountsWhatIsWrong() {
        var paused = IdentityReport(name: "p", state: .paused, since: Self.now)
        paused.stateAge = .seconds(5)
        var status = status([online("a"), paused])
        var route = RouteStatus(name: "hook", kind: "webhook")
        (route.deadLetters, route.targetDownFor) = (3, .seconds(9))
        status.routes = [route]
        status.inbox.isFull = true
        #expect(
            screen(status, width: 200).first
                == "mpushd 0.4.0, up 12 d · 1 of 2 online · 1 paused · 1 target down · 3 dead letters · inbox full")
    }

    @Test func linesBreakBetweenWords() {
        #expect(TextWrap.lines("  one two three", to: 10, indent: 4) == ["  one two", "    three"])
        #expect(TextWrap.lines("\u{1b}[31mone\u{1b}[0m two", to: 7, indent: 2).count == 1)
        #expect(TextWrap.lines("aaaa   bbbb", to: 6, indent: 2) == ["aaaa", "  bbbb"])
    }
}
