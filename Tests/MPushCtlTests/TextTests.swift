import MPushControl
import MPushModel
import NIOCore
import Testing

@testable import mpushctl

/// What is shown of values that come from outside.
@Suite struct TextTests {
    private static let now = WallTime(millisecondsSince1970: 1_795_342_272_123)

    private func message(_ content: [UInt8], id: String = "m-1") -> StoredMessage {
        StoredMessage(
            position: MessagePosition(rawValue: 7), id: id, identity: "alice", user: "alice", received: Self.now,
            type: nil, content: ByteBuffer(bytes: content))
    }

    private func screen(
        _ identity: IdentityReport, width: Int = 80, _ change: (inout DaemonStatus) -> Void = { _ in }
    ) -> [String] {
        var status = DaemonStatus(
            version: "1.0", processID: 812, started: Self.now, uptime: .seconds(60),
            configurationFile: "/etc/mpushd/mpushd.toml")
        status.identities = [identity]
        change(&status)
        return StatusScreen(status: status, now: Self.now, width: width, style: Style(isColoured: false)).lines
    }

    @Test func aPushCannotSteerTheTerminal() {
        let evil = "\u{1B}]0;owned\u{7}\u{1B}[2J\r\nnext\u{9B}31m\u{202E}back"
        let table = MessageTable(width: 200, now: Self.now, style: Style(isColoured: false))
        let shown = table.lines([message(Array(evil.utf8), id: evil)]) + [table.line(message(Array(evil.utf8)))]
        for line in shown {
            let isHarmless = line.unicodeScalars.allSatisfy { scalar in
                scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && scalar != "\u{202E}"
            }
            #expect(isHarmless, "\(line.debugDescription)")
        }
    }

    @Test func whatIsNoTextIsCounted() {
        #expect(MessageTable.content(message([0xFF, 0xFE, 0x00]), atMost: 60).contains("not text"))
    }

    @Test func noMessagesAreSaid() {
        let table = MessageTable(width: 80, now: Self.now, style: Style(isColoured: false))
        #expect(table.lines([]) == ["no messages"])
    }

    @Test func whomTheServerHasAndWhoIsWishedAreBothSaid() {
        var identity = IdentityReport(name: "alice", state: .online, since: Self.now)
        identity.user = "alice"
        (identity.boundUser, identity.boundTags) = ("alice", ["a"])
        (identity.wishedUser, identity.wishedTags) = ("alice", ["a"])
        #expect(!screen(identity).contains { $0.contains("to be") })
        identity.wishedTags = ["b"]
        #expect(screen(identity).contains("  to be bound as alice with tags b"))
        (identity.wishedUser, identity.wishedTags) = ("bob", [])
        #expect(screen(identity).contains("  to be bound as bob"))
        identity.wishedUser = nil
        #expect(screen(identity).contains("  alice is to be unbound"))
    }

    /// The wall clock may have been anything when it ended.
    @Test func spansDoNotDependOnTheWallClock() {
        var identity = IdentityReport(name: "alice", state: .unbound, since: WallTime(millisecondsSince1970: 0))
        identity.stateAge = .seconds(70)
        identity.lastLoss = LossReport(
            cause: "kicked", sentence: "signed in elsewhere", ended: WallTime(millisecondsSince1970: 0),
            age: .seconds(80))
        let lines = screen(identity)
        #expect(lines.contains { $0.contains("unbound for 70 s") }, "\(lines)")
        #expect(lines.contains { $0.contains("last loss 80 s ago") }, "\(lines)")
    }

    @Test func anOnlineIdentityIsSaidInOneLine() {
        var identity = IdentityReport(name: "alice", state: .online, since: Self.now)
        identity.user = "alice"
        identity.endpoint = "push.example.com:3443"
        identity.onlineFor = .seconds(11_520)
        identity.tlsVersion = "TLS 1.3"
        identity.isResumed = true
        identity.certificate = CertificateReport(expires: Self.now, daysLeft: 61)
        identity.heartbeat = .seconds(180)
        identity.messages.received = 1204
        let lines = screen(identity)
        let facts = "(resumed, TLS 1.3, certificate good for 61 days)"
        #expect(lines.first == "mpushd 1.0, up 60 s · 1 of 1 online")
        let first = lines.dropFirst().first ?? ""
        #expect(first == "● alice@push.example.com:3443   online for 3 h 12 min", "\(first)")
        #expect(lines.dropFirst(2).first == "  \(facts)", "\(lines)")
        #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines)")
        let wide = screen(identity, width: 120).dropFirst().first ?? ""
        #expect(wide.hasPrefix(first) && wide.hasSuffix(facts), "\(wide)")
        #expect(lines.contains { $0.contains("messages 1,204 received") }, "\(lines)")
    }

    @Test func troubleIsSaid() {
        var identity = IdentityReport(name: "alice", state: .waiting, since: Self.now)
        identity.user = "alice"
        identity.lastLoss = LossReport(cause: "tls", sentence: "TLS: certificate expired", ended: Self.now)
        let lines = screen(identity) { status in
            status.inbox.failure = InboxFailure(.diskFull, "inbox.db: no space left on device")
            var route = RouteStatus(name: "hook", kind: "webhook")
            route.waiting = 3
            route.lastFailure = "503"
            status.routes = [route]
        }
        let text = lines.joined(separator: "\n")
        for words in ["certificate expired", "no space left on device", "hook", "503"] {
            #expect(text.contains(words), "\(text)")
        }
    }

    @Test func anIdentityWithoutAUserIsSaid() {
        var identity = IdentityReport(name: "alice", state: .online, since: Self.now)
        identity.endpoint = "push.example.com:3443"
        #expect(
            screen(identity).dropFirst().first?.hasPrefix("● alice (nobody bound) at push.example.com:3443") == true)
        var unbound = IdentityReport(name: "alice", state: .unbound, since: Self.now)
        unbound.endpoint = "push.example.com:3443"
        let text = screen(unbound, width: 120).dropFirst().first ?? ""
        #expect(text.hasPrefix("○ alice (nobody bound) at push.example.com:3443"), "\(text)")
        #expect(text.hasSuffix("connected, unbound for 0 ms. To bind again: mpushctl bind"), "\(text)")
    }
}
