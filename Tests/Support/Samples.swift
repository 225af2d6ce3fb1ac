package import MPushControl
package import MPushModel
import NIOCore

/// One of each value, with all that it can have.
package enum Samples {
    package static let time = WallTime(millisecondsSince1970: 1_795_342_272_123)

    package static func message(_ bytes: [UInt8], at position: Int64 = 7) -> StoredMessage {
        StoredMessage(
            position: MessagePosition(rawValue: position), id: "m-\(position)", identity: "alice", user: "alice",
            received: time, type: 2, content: ByteBuffer(bytes: bytes))
    }

    package static func message(_ text: String, at position: Int64 = 7) -> StoredMessage {
        message(Array(text.utf8), at: position)
    }

    package static let deadLetter = DeadLetter(
        message: message("x"), route: "hook", attempts: 5, reason: "503", buried: time)

    package static let event = EventReport(
        sequence: 4, time: time,
        event: IdentityEvent(
            identity: "alice", kind: .connectionLost, state: .waiting, cause: "missed-reads", text: "connection lost"),
        state: .waiting)

    package static let consumer = ConsumerReport(name: "c", cursor: 5, acknowledgedAhead: 1, isConnected: true)

    package static var route: RouteStatus {
        var route = RouteStatus(name: "hook", kind: "webhook")
        (route.state, route.pause) = (.paused, .lasting(.seconds(3480)))
        (route.done, route.doneLastMinute, route.waiting) = (1204, 12, 3)
        route.oldestWaiting = .seconds(70)
        route.lastFailure = "503"
        route.targetDownFor = .seconds(71)
        route.nextAttempt = .seconds(40)
        return route
    }

    package static var trace: TraceReport {
        var trace = TraceReport(message: message("x"))
        trace.others = [MessagePosition(rawValue: 3)]
        trace.acknowledgedAfter = .milliseconds(2)
        trace.isConfirmed = true
        var done = DeliveryReport(consumer: "notify", kind: .route, state: .done)
        done.at = time
        var dead = DeliveryReport(consumer: "alarm", kind: .route, state: .dead)
        (dead.at, dead.attempts, dead.reason) = (time, 1, "exit status 3 (no printer)")
        var waiting = DeliveryReport(consumer: "hook", kind: .route, state: .waiting)
        (waiting.targetDownFor, waiting.nextAttempt) = (.seconds(130), .milliseconds(3500))
        waiting.reason = "connection refused"
        let passed = DeliveryReport(consumer: "lamp", kind: .route, state: .passed)
        var gone = DeliveryReport(consumer: "old", kind: .route, state: .before)
        gone.isActive = false
        var follower = DeliveryReport(consumer: "till", kind: .follower, state: .done)
        follower.at = time
        trace.deliveries = [done, dead, waiting, passed, gone, follower]
        return trace
    }

    package static var identity: IdentityReport {
        var identity = IdentityReport(name: "alice", state: .online, since: time)
        identity.user = "alice"
        identity.tags = ["a"]
        identity.onlineFor = .seconds(11520)
        identity.connectionNumber = 7
        identity.endpoint = "push.example.com:3443"
        identity.address = "192.0.2.7:3443"
        identity.tlsVersion = "TLS 1.3"
        identity.certificate = CertificateReport(expires: time, daysLeft: 61)
        identity.isResumed = true
        identity.heartbeat = .seconds(180)
        identity.pingEvery = .seconds(55)
        identity.keepalive = KeepaliveReport(
            network: "192.0.2.0/24 via 192.0.2.1",
            KeepaliveReading(kept: .seconds(58), forgotten: .seconds(62), isSettled: true), asking: .seconds(55))
        identity.nextBeat = .seconds(43)
        identity.lastAnswerAge = .seconds(12)
        identity.lastRoundTrip = .milliseconds(34)
        identity.nextAttempt = .milliseconds(1400)
        var loss = LossReport(cause: "tls", sentence: "TLS: certificate expired", ended: time)
        loss.detail = "expired"
        identity.lastLoss = loss
        identity.outage = OutageReport(since: time, age: .seconds(90), attempts: 3)
        identity.messages.received = 1204
        return identity
    }

    package static var status: DaemonStatus {
        var status = DaemonStatus(
            version: "1.0", processID: 812, started: time, uptime: .milliseconds(11_520_250),
            configurationFile: "/etc/mpushd/mpushd.toml")
        var route = RouteStatus(name: "hook", kind: "webhook")
        route.lastFailure = "503"
        route.nextAttempt = .seconds(40)
        var follower = FollowerReport(userID: 1000, processID: 9, connectedFor: .seconds(3), sent: 8, isStalled: false)
        follower.consumer = "c"
        status.identities = [identity, IdentityReport(name: "bob", state: .paused, since: time)]
        status.routes = [route]
        status.followers = [follower]
        status.inbox.failure = InboxFailure(.diskFull, "/var/lib/mpushd/inbox.db: no space left")
        status.inbox.setAside = "/var/lib/mpushd/inbox.db.damaged"
        return status
    }
}
