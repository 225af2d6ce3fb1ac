package import NIOCore
import NIOPosix

/// An event loop for one test. What belongs to a loop is made and used on it.
package enum LoopBench {
    /// The test did not come to its end.
    package struct TooLate: Error {
        package init() {}
    }

    /// Runs `body` on a loop, and gives what it puts into the promise, within 20 s.
    package static func run<Value: Sendable>(
        _ body: @escaping @Sendable (any EventLoop, EventLoopPromise<Value>) throws -> Void
    ) async throws -> Value {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let eventLoop = group.next()
        let promise = eventLoop.makePromise(of: Value.self)
        let late = eventLoop.scheduleTask(in: .seconds(20)) { promise.fail(TooLate()) }
        eventLoop.execute {
            do { try body(eventLoop, promise) } catch { promise.fail(error) }
        }
        let result: Result<Value, any Error>
        do { result = .success(try await promise.futureResult.get()) } catch { result = .failure(error) }
        late.cancel()
        try await group.shutdownGracefully()
        return try result.get()
    }
}
