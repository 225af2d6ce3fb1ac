import MPushTime
import NIOCore

/// A push whose ACK is awaited.
struct PendingPush {
    let number: Int32
    let sentAt: Instant
    let promise: EventLoopPromise<PushReport>
    let deadline: Scheduled<Void>
}
