import MPushModel
import MPushPlatform
import NIOCore
import NIOPosix

/// A web server that takes every message and answers 200, on a thread of its own, as far away as it is told.
final class WebhookSink {
    let port: Int
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let course: NIOLoopBoundBox<Course>
    private let ended: EventLoopPromise<Ended>

    typealias Ended = (first: Int, elapsed: Duration)

    private static let patience = TimeAmount.seconds(120)

    /// What it has taken.
    fileprivate struct Course {
        let expected: Int
        var taken = 0
        /// The messages of the first request, and when it came.
        var first: (messages: Int, at: Instant)?
    }

    /// - Parameter path: from a request to its answer, and once more until a connection is there.
    init(path: Duration, expecting expected: Int) throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let course = NIOLoopBoundBox.makeBoxSendingValue(Course(expected: expected), eventLoop: loop)
        let ended = loop.makePromise(of: Ended.self)
        self.course = course
        self.ended = ended
        channel = try ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        WebhookSinkConnection(path: path) { count in
                            WebhookSink.take(count, course, ended)
                        })
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        port = channel.localAddress?.port ?? 0
    }

    deinit {
        ended.fail(ChannelError.alreadyClosed)
        try? channel.close().wait()
        try? group.syncShutdownGracefully()
    }

    /// Until all are taken: the messages of the first request, and the time from it to the last one.
    func waitForAll() throws -> Ended {
        let ended = ended
        let timeout = ended.futureResult.eventLoop.scheduleTask(in: Self.patience) {
            ended.fail(BenchError("the route did not hand all of its messages over"))
        }
        defer { timeout.cancel() }
        return try ended.futureResult.wait()
    }

    private static func take(_ count: Int, _ course: NIOLoopBoundBox<Course>, _ ended: EventLoopPromise<Ended>) {
        let now = MachineClock().now
        let first = course.value.first ?? (count, now)
        course.value.first = first
        course.value.taken += count
        if course.value.taken == course.value.expected { ended.succeed((first.messages, now - first.at)) }
    }
}

/// A connection with its requests, one after the other.
private final class WebhookSinkConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    private let path: Duration
    private let take: (Int) -> Void
    private var bytes = ByteBuffer()
    /// Of the request that has begun.
    private var head: (length: Int, messages: Int, isLast: Bool)?
    private var isNew = true

    init(path: Duration, take: @escaping (Int) -> Void) {
        self.path = path
        self.take = take
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes.writeImmutableBuffer(unwrapInboundIn(data))
        while let messages = next() { handle(messages.count, isLast: messages.isLast, context) }
        bytes.discardReadBytes()
    }

    private func handle(_ messages: Int, isLast: Bool, _ context: ChannelHandlerContext) {
        let wait = isNew ? path + path : path
        isNew = false
        let work = { [self] in
            take(messages)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: Self.answer)), promise: nil)
            if isLast { context.close(promise: nil) }
        }
        if wait == .zero { return work() }
        context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(Int64(wait.microseconds * 1000)), work)
    }

    /// A request that is there as a whole.
    private func next() -> (count: Int, isLast: Bool)? {
        if head == nil {
            let view = bytes.readableBytesView
            guard let end = view.firstRange(of: [13, 10, 13, 10]) else { return nil }
            let text = String(decoding: view[..<end.lowerBound], as: UTF8.self).lowercased()
            let length = Self.field("content-length", in: text).flatMap { Int($0) } ?? 0
            let messages = Self.field("mpush-batch", in: text).flatMap { Int($0) } ?? 1
            head = (length, messages, Self.field("connection", in: text) == "close")
            bytes.moveReaderIndex(to: end.upperBound)
        }
        guard let head, bytes.readableBytes >= head.length else { return nil }
        bytes.moveReaderIndex(forwardBy: head.length)
        self.head = nil
        return (head.messages, head.isLast)
    }

    private static func field(_ name: String, in head: String) -> Substring? {
        head.split(separator: "\r\n").first { $0.hasPrefix("\(name): ") }?.dropFirst(name.utf8.count + 2)
    }
}
