import NIOCore
import Synchronization

/// The ends of a server's connections, in the order in which they were accepted.
final class Records: Sendable {
    private let futures = Mutex<[EventLoopFuture<ConnectionRecorder.Record>]>([])

    func append(_ future: EventLoopFuture<ConnectionRecorder.Record>) {
        futures.withLock { $0.append(future) }
    }

    /// Waits for the end of the connection `index`, which must have been accepted already.
    func wait(_ index: Int) throws -> ConnectionRecorder.Record? {
        let future = futures.withLock { $0.indices.contains(index) ? $0[index] : nil }
        return try future?.wait()
    }
}
