import MPushControl
import MPushDelivery
import MPushInbox
import MPushSystemd
import NIOCore

extension InboxReport {
    init(_ status: InboxStatus) {
        self.init()
        messages = status.messages
        bytes = status.bytes
        lastPosition = status.last.rawValue
        stored = status.stored
        duplicates = status.duplicates
        refused = status.refused
        failed = status.failed
        dropped = status.dropped
        failure = status.failure.map { InboxFailureReport(kind: $0.kind.rawValue, detail: $0.detail) }
        isFull = status.isFull
        setAside = status.setAside
        waiting = status.waiting
    }
}

extension RouteReport {
    init(_ status: RouteStatus) {
        self.init(name: status.name, kind: status.kind)
        done = status.done
        passed = status.passed
        failures = status.failures
        waiting = status.waiting
        running = status.running
        deadLetters = status.deadLetters
        lastFailure = status.lastFailure
        nextAttempt = status.nextAttempt
    }
}

extension MessageReport {
    init(_ message: StoredMessage) {
        self.init(
            position: message.position.rawValue, id: message.id, identity: message.identity, user: message.user,
            received: message.received, size: message.content.readableBytes,
            content: MessageContent(Array(message.content.readableBytesView)))
        type = message.type
    }
}

extension DeadLetterReport {
    init(_ letter: DeadLetter) {
        let route =
            switch letter.consumer {
            case .route(let name), .follower(let name): name
            }
        self.init(
            route: route, attempts: letter.attempts, reason: letter.reason, buried: letter.buried,
            message: MessageReport(letter.message))
    }
}

extension EventReport {
    init(_ entry: EventRing.Entry) {
        self.init(
            sequence: entry.sequence, time: entry.time, identity: entry.identity,
            event: entry.record.event.map { EventReport.word("\($0)") } ?? "",
            state: entry.state,
            text: entry.record.text)
        cause = entry.record.value(.cause)
    }

    /// `connection-lost` for `connectionLost`: the API's words have no capitals.
    private static func word(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "-\($1.lowercased())" : String($1) }
    }
}
