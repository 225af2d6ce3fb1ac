import Glibc
package import MPushPlatform
package import MPushSession
package import NIOCore
import Synchronization

/// Writes each message as one line of JSON to a descriptor, for `mpushd run --print`. A message is confirmed once its line
/// is written. Writing may block, so it is done on a thread that lives while there is something to write.
package final class MessagePrinter: MessageConsumer {
    private struct Work: Sendable {
        let lines: [UInt8]
        let done: @Sendable (OSError?) -> Void
    }

    private struct Queue: Sendable {
        var works: [Work] = []
        var isWriting = false
    }

    private let descriptor: CInt
    private let eventLoop: any EventLoop
    private let onFailure: (OSError) -> Void
    private let queue = Shared(Queue())

    /// Writes to `descriptor`. `onFailure` hears, on the event loop, why a line could not be written.
    package init(to descriptor: CInt, on eventLoop: any EventLoop, onFailure: @escaping (OSError) -> Void) {
        self.descriptor = descriptor
        self.eventLoop = eventLoop
        self.onFailure = onFailure
    }

    package func take(
        _ messages: [ReceivedMessage], from origin: MessageOrigin, done: @escaping (MessageProgress?) -> Void
    ) {
        var lines: [UInt8] = []
        for message in messages { MessageLine.append(message, from: origin, to: &lines) }
        let completion = NIOLoopBound((done, self), eventLoop: eventLoop)
        let work = Work(lines: lines) { [eventLoop] error in
            eventLoop.execute {
                let (done, printer) = completion.value
                if let error { printer.onFailure(error) }
                done(error == nil ? .consumed : nil)
            }
        }
        let mustStart = queue.value.withLock { queue in
            queue.works.append(work)
            defer { queue.isWriting = true }
            return !queue.isWriting
        }
        if mustStart { startWriting() }
    }

    private func startWriting() {
        do {
            try ShortThread.run { [queue, descriptor] in MessagePrinter.write(queue, to: descriptor) }
        } catch {
            let works = queue.value.withLock { queue in
                defer { queue = Queue() }
                return queue.works
            }
            for work in works { work.done(error) }
        }
    }

    /// Runs on a thread of its own until nothing is left.
    private static func write(_ queue: Shared<Queue>, to descriptor: CInt) {
        while true {
            let works = queue.value.withLock { queue -> [Work] in
                defer { queue.works = [] }
                if queue.works.isEmpty { queue.isWriting = false }
                return queue.works
            }
            if works.isEmpty { return }
            let error = FileSystem.writeAll(works.flatMap(\.lines), to: descriptor)
            for work in works { work.done(error) }
        }
    }

    /// A lock that threads can share.
    private final class Shared<Value: Sendable>: Sendable {
        let value: Mutex<Value>

        init(_ value: Value) {
            self.value = Mutex(value)
        }
    }
}
