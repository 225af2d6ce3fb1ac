import MPushModel
import Testing

@testable import MPushDaemon
@testable import MPushIdentity

/// The line that `systemctl status` shows.
@Suite struct StatusLineTests {
    private func identity(
        _ name: String, _ state: ConnectionState, endpoint: String? = nil, loss: LossCause? = nil
    ) -> IdentityStatus {
        let isOpen = state == .online || state == .suspect || state == .unbound
        return IdentityStatus(
            name: name, user: name, state: state, endpoint: endpoint, heartbeat: isOpen ? .seconds(180) : nil,
            lastLoss: loss, nextAttempt: nil)
    }

    private let place = "push.example.com:3443"

    @Test func oneIdentityIsASentence() {
        let refused = LossCause.connect(detail: "192.0.2.7:3443: connection refused")
        let lines = [
            identity("alice", .online, endpoint: place, loss: refused), identity("alice", .suspect, endpoint: place),
            identity("alice", .securing, endpoint: place), identity("alice", .waiting, loss: refused),
            identity("alice", .unbound, endpoint: place),
        ].map { StatusLine.text(for: FleetSummary([$0])) }
        #expect(
            lines == [
                "online as alice at push.example.com:3443, heartbeat 180 s",
                "online as alice at push.example.com:3443, heartbeat 180 s; suspect: a read was missed",
                "not online as alice at push.example.com:3443: securing",
                "not online as alice: waiting (last: 192.0.2.7:3443: connection refused)",
                "connected at push.example.com:3443 without a user, heartbeat 180 s; mpushctl bind binds alice",
            ])
    }

    @Test func severalAreCountedAndTheFirstThatAreNotOnlineAreNamed() {
        let online = ["a", "b"].map { identity($0, .online, endpoint: place) }
        #expect(StatusLine.text(for: FleetSummary(online)) == "2 of 2 online")
        let kicked = identity("c", .waiting, loss: .kicked)
        let unbound = identity("u", .unbound, endpoint: place, loss: .kicked)
        #expect(StatusLine.text(for: FleetSummary(online + [unbound])) == "2 of 3 online; u: connected without a user")
        #expect(
            StatusLine.text(for: FleetSummary(online + [kicked]))
                == "2 of 3 online; c: waiting (last: signed in elsewhere)")
        let more = ["d", "e", "f", "g"].map { identity($0, .connecting, endpoint: place) }
        #expect(
            StatusLine.text(for: FleetSummary(online + more))
                == "2 of 6 online; d: connecting; e: connecting; f: connecting; and 1 more")
    }
}
