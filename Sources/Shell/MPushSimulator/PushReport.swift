import MPushModel
import MPushPlatform
import MPushWire
import NIOCore

/// What became of a push.
package struct PushReport: Equatable, Sendable {
    package enum Outcome: Equatable, Sendable {
        /// No ack was asked for: it was handed to the socket.
        case sent
        /// The ACK came after this time.
        case acknowledged(after: Duration)
        /// No ACK came in time.
        case timedOut
        /// The connection was lost before the ACK came.
        case lost
    }

    package let connection: ConnectionID
    /// The frame's sessionId.
    package let number: Int32
    package let outcome: Outcome

    package init(connection: ConnectionID, number: Int32, outcome: Outcome) {
        self.connection = connection
        self.number = number
        self.outcome = outcome
    }
}

/// What came of a flood of pushes.
package struct FloodReport: Equatable, Sendable {
    /// Handed to the socket.
    package var sent = 0
    package var acknowledged = 0
    /// From the first push until all were written and, where acks were asked for, acknowledged.
    package var elapsed: Duration = .zero
    /// False where the connection was lost before the end.
    package var isComplete = false

    package init() {}
}

/// A push whose ACK is awaited.
struct PendingPush {
    let number: Int32
    let sentAt: Instant
    let promise: EventLoopPromise<PushReport>
    let deadline: LoopTimer.Owner
}

/// Many pushes of the same content, as fast as a socket takes them.
struct PushFlood {
    /// The most in one flood.
    static let maximumCount = 100_000_000

    let content: ByteBuffer
    let flags: PacketFlags
    let promise: EventLoopPromise<FloodReport>
    private let firstNumber: Int32
    private let startedAt: Instant
    private let count: Int
    private var acknowledged: [UInt64]
    private(set) var report = FloodReport()

    /// A flood of `count` pushes numbered from `firstNumber` on.
    init(
        content: ByteBuffer, count: Int, flags: PacketFlags, firstNumber: Int32,
        promise: EventLoopPromise<FloodReport>, at now: Instant
    ) {
        self.content = content
        self.count = count
        self.flags = flags
        self.firstNumber = firstNumber
        self.promise = promise
        startedAt = now
        acknowledged = Array(repeating: 0, count: (count + 63) / 64)
    }

    private var wantsAcks: Bool { !flags.isDisjoint(with: [.autoAck, .bizAck]) }

    /// Whether all is done that was to be done.
    var isComplete: Bool { report.sent == count && (!wantsAcks || report.acknowledged == count) }

    /// The number of the next push; nil when all are sent.
    mutating func nextNumber() -> Int32? {
        guard report.sent < count else { return nil }
        defer { report.sent += 1 }
        return firstNumber &+ Int32(truncatingIfNeeded: report.sent)
    }

    /// An ACK came. False where the number is none of this flood, or came before.
    mutating func acknowledge(_ number: Int32) -> Bool {
        let index = Int(number) - Int(firstNumber)
        guard index >= 0, index < report.sent, acknowledged[index / 64] & 1 << UInt64(index % 64) == 0 else {
            return false
        }
        acknowledged[index / 64] |= 1 << UInt64(index % 64)
        report.acknowledged += 1
        return true
    }

    /// What came of it, if it ends at `now`.
    func ended(at now: Instant) -> FloodReport {
        var report = report
        report.elapsed = now - startedAt
        report.isComplete = isComplete
        return report
    }
}
