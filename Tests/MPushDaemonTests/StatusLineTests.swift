import MPushModel
import MPushPlatform
import MPushSupervision
import MPushTestSupport
import Testing

@testable import MPushDaemon
@testable import MPushIdentity

/// The line that `systemctl status` shows.
@Suite struct StatusLineTests {
    private let clock = SettableClock(wall: WallTime(millisecondsSince1970: 1_700_000_000_000))

    /// Missed for `outage`, where it is.
    private func identity(
        _ name: String, _ state: ConnectionState, endpoint: String? = nil, loss: LossCause? = nil,
        outage: Duration? = nil, attempts: Int = 0, next: Duration? = nil
    ) -> IdentityStatus {
        let isOpen = state == .online || state == .suspect || state == .unbound
        let watch = outage.map { age in
            var watch = OutageWatch(at: clock.now + (.zero - age), wall: clock.wall)
            watch.attemptsFailed(attempts)
            return watch
        }
        return IdentityStatus(
            name: name, user: name, state: state, endpoint: endpoint, heartbeat: isOpen ? .seconds(180) : nil,
            lastLoss: loss, nextAttempt: next.map { clock.now + $0 }, outage: watch?.outage)
    }

    private func line(_ identities: IdentityStatus...) -> String {
        StatusLine.text(for: FleetSummary(identities), by: clock)
    }

    private func clockText(in duration: Duration) -> String { clock.wall.advanced(by: duration).localSecondsText }

    private func clockText(before age: Duration) -> String {
        clock.wall.advanced(by: .zero - age).humanReadable(at: clock.wall)
    }

    private let place = "push.example.com:3443"
    private let refused = LossCause.connect(detail: "192.0.2.7:3443: connection refused")

    @Test func oneIdentityIsASentence() {
        #expect(
            line(identity("alice", .online, endpoint: place, loss: refused))
                == "online as alice at push.example.com:3443, heartbeat 180 s")
        #expect(
            line(identity("alice", .suspect, endpoint: place))
                == "online as alice at push.example.com:3443, heartbeat 180 s; suspect: a read was missed")
        #expect(
            line(identity("alice", .unbound, endpoint: place))
                == "connected at push.example.com:3443 without a user, heartbeat 180 s; mpushctl bind binds alice")
        #expect(line(identity("alice", .securing, endpoint: place, outage: .zero)) == "alice: securing")
        #expect(line(identity("alice", .paused)) == "alice: paused")
        #expect(
            line(identity("alice", .noNetwork, outage: .zero)) == "alice: no route to a server, waiting for the network"
        )
    }

    /// What is read later has no ages.
    @Test func anOutageHasItsTimesByTheClock() {
        let waiting = identity(
            "alice", .waiting, loss: refused, outage: .seconds(3600), attempts: 118, next: .seconds(97))
        let since = clockText(before: .seconds(3600))
        let error = "192.0.2.7:3443: connection refused"
        let next = "next at \(clockText(in: .seconds(97)))"
        #expect(line(waiting) == "alice offline since \(since), 118 attempts: \(error), \(next)")
        let connecting = identity("alice", .connecting, loss: refused, outage: .seconds(3600), attempts: 1)
        #expect(line(connecting) == "alice offline since \(since), 1 attempt: \(error), connecting")
        let lost = identity("alice", .resolving, loss: .kicked, outage: .seconds(3600))
        #expect(line(lost) == "alice offline since \(since): signed in elsewhere, resolving")
    }

    @Test func severalAreCountedAndTheFirstThatAreMissedAreNamed() {
        let online = ["a", "b"].map { identity($0, .online, endpoint: place) }
        #expect(StatusLine.text(for: FleetSummary(online), by: clock) == "2 of 2 online")
        let unbound = identity("u", .unbound, endpoint: place, loss: .kicked)
        #expect(line(online[0], unbound) == "1 of 2 online; u: connected without a user")
        let more = ["d", "e"].map { identity($0, .connecting, endpoint: place, outage: .seconds(1)) }
        let kicked = identity("k", .waiting, loss: .kicked, outage: .seconds(7200), next: .seconds(300))
        #expect(
            line(unbound, online[0], kicked, more[0], more[1])
                == "1 of 5 online; k offline since \(clockText(before: .seconds(7200))): signed in elsewhere, next at "
                + "\(clockText(in: .seconds(300))); d: connecting; e: connecting; and 1 more")
    }
}
