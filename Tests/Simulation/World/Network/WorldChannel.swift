import Glibc
package import NIOCore

/// A TCP connection of a world as a channel of NIO: it behaves as NIOPosix' does, handlers cannot tell them apart.
package final class WorldChannel: Channel, ChannelCore, @unchecked Sendable {
    /// The stations of a channel, as NIOPosix has them.
    enum Stage {
        case fresh
        case registered
        /// Its promise is kept, its handlers do not know it yet.
        case activating
        case active
        case closed
    }

    package let eventLoop: any EventLoop
    package let parent: (any Channel)?
    package let allocator = ByteBufferAllocator()
    package private(set) lazy var pipeline = ChannelPipeline(channel: self)
    package private(set) var localAddress: SocketAddress?
    package private(set) var remoteAddress: SocketAddress?
    let network: WorldNetwork
    private let closePromise: EventLoopPromise<Void>
    var stage = Stage.fresh
    private(set) var socket: TCPSocket?

    // What is set on it.
    var isAutoRead = true
    var allowsRemoteHalfClosure = false
    var waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 32 * 1024, high: 64 * 1024)
    var readsInARow: UInt = 4
    var resetsOnClose = false

    private var opening: (promise: EventLoopPromise<any Channel>, timeout: Scheduled<Void>?)?
    private var events: TCPSocket.Events = []
    private var isNotified = false
    private var isReadAwaited = false
    /// Whether the peer's end was seen: it reads to the end then, whether it was told to or not.
    private var hasSeenEnd = false
    private(set) var isInputClosed = false
    private(set) var isOutputClosed = false
    var writes = PendingWrites()
    var isFlushing = false
    private var outputClosing: (isAwaited: Bool, promise: EventLoopPromise<Void>?) = (false, nil)

    init(on eventLoop: any EventLoop, network: WorldNetwork, parent: (any Channel)? = nil) {
        self.eventLoop = eventLoop
        self.network = network
        self.parent = parent
        closePromise = eventLoop.makePromise()
    }

    package var _channelCore: any ChannelCore { self }
    package var closeFuture: EventLoopFuture<Void> { closePromise.futureResult }
    package var isActive: Bool { stage == .activating || stage == .active }
    package var isWritable: Bool { writes.isWritable }
    var isOpen: Bool { stage != .closed }

    // MARK: - The beginning

    package func register0(promise: EventLoopPromise<Void>?) {
        guard stage == .fresh else {
            promise?.fail(isOpen ? ChannelError.inappropriateOperationForState : ChannelError.ioOnClosedChannel)
            return
        }
        stage = .registered
        promise?.succeed(())
        pipeline.fireChannelRegistered()
    }

    func connect(_ socket: TCPSocket, timeout: Duration, promise: EventLoopPromise<any Channel>) {
        guard stage == .registered else { return promise.fail(ChannelError.ioOnClosedChannel) }
        self.socket = socket
        socket.channel = self
        localAddress = socket.local
        let amount = TimeAmount.nanoseconds(WorldTime.nanoseconds(timeout))
        let task = eventLoop.assumeIsolated().scheduleTask(in: amount) { [self] in
            close0(error: ChannelError.connectTimeout(amount), mode: .all, promise: nil)
        }
        opening = (promise, task)
        socket.open()
    }

    private func connected() {
        guard let (promise, timeout) = opening, let socket else { return }
        opening = nil
        timeout?.cancel()
        remoteAddress = socket.remote
        stage = .activating
        promise.succeed(self)
        activate()
    }

    /// The connection that `socket` is the end of, accepted and prepared.
    func accept(_ socket: TCPSocket) {
        self.socket = socket
        localAddress = socket.local
        remoteAddress = socket.remote
    }

    func acceptPrepared() {
        guard let socket, stage == .fresh else { return }
        register0(promise: nil)
        guard stage == .registered else { return }
        stage = .activating
        activate()
        if isOpen { socket.attach(self) }
    }

    private func activate() {
        guard stage == .activating else { return }
        stage = .active
        pipeline.fireChannelActive()
        readIfNeeded()
        flush()
    }

    // MARK: - Events of the socket

    /// Handled in the loop's next turn, all that came up to then at once.
    func notify(_ events: TCPSocket.Events) {
        self.events.formUnion(events)
        guard !isNotified else { return }
        isNotified = true
        eventLoop._executeIsolatedUnsafeUnchecked { [self] in handleEvents() }
    }

    private func handleEvents() {
        isNotified = false
        let events = self.events
        self.events = []
        guard isOpen else { return }
        if events.contains(.broken) { return broken() }
        if events.contains(.connected) { connected() }
        guard isActive else { return }
        if events.contains(.end), !hasSeenEnd {
            hasSeenEnd = true
            while isActive, !isInputClosed, readOnce() {}
        } else if events.contains(.readable), isReadAwaited, !hasSeenEnd {
            _ = readOnce()
            // What is left comes in another turn.
            if isReadAwaited, socket?.unread ?? 0 > 0 { notify(.readable) }
        }
        if events.contains(.writable), isOpen { flushNow() }
    }

    private func broken() {
        let error = IOError(errnoCode: socket?.error ?? ECONNRESET, reason: opening == nil ? "read" : "connect")
        guard isActive else { return close0(error: error, mode: .all, promise: nil) }
        hasSeenEnd = true
        while isActive, !isInputClosed, socket?.unread ?? 0 > 0 { _ = readOnce() }
        guard isOpen else { return }
        pipeline.fireErrorCaught(error)
        close0(error: error, mode: .all, promise: nil)
    }

    // MARK: - Reading

    package func read0() {
        guard isOpen, !isInputClosed else { return }
        isReadAwaited = true
        if let socket, isActive, !hasSeenEnd, socket.unread > 0 { notify(.readable) }
    }

    func setAutoRead(_ isAutoRead: Bool) {
        guard self.isAutoRead != isAutoRead else { return }
        self.isAutoRead = isAutoRead
        guard stage != .fresh else { return }
        if isAutoRead { read0() } else { isReadAwaited = false }
    }

    private func readIfNeeded() {
        guard isActive, !isInputClosed, !isReadAwaited, isAutoRead else { return }
        pipeline.read()
    }

    /// As often as a socket that has bytes is read before others have their turn. False at the end of what the peer sent.
    private func readOnce() -> Bool {
        let random = network.random
        for _ in 0..<max(1, readsInARow) {
            guard isOpen, !isInputClosed, let socket else { return false }
            let isCut = !socket.conversation.link.isPrivate && random.chance(network.cuts)
            let limit = isCut ? 1 + random.below(random.chance(0.5) ? 8 : 2048) : 16 * 1024
            guard let bytes = socket.read(upTo: limit) else {
                guard socket.hasEnded else { break }
                return ended()
            }
            isReadAwaited = false
            pipeline.fireChannelRead(bytes)
            if !isCut || random.chance(0.5) { break }
        }
        if isActive { pipeline.fireChannelReadComplete() }
        readIfNeeded()
        return true
    }

    private func ended() -> Bool {
        pipeline.fireChannelReadComplete()
        guard isActive else { return false }
        close0(error: ChannelError.eof, mode: allowsRemoteHalfClosure ? .input : .all, promise: nil)
        isReadAwaited = false
        return false
    }

    // MARK: - Writing

    package func write0(_ data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard isOpen else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        guard !isOutputClosed, !outputClosing.isAwaited else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        guard case .byteBuffer(let bytes) = unwrapData(data, as: IOData.self) else {
            promise?.fail(ChannelError.operationUnsupported)
            return
        }
        if writes.add(bytes, promise, above: waterMark) { pipeline.fireChannelWritabilityChanged() }
    }

    package func flush0() {
        writes.markFlush()
        if isActive { flushNow() }
    }

    private func flushNow() {
        guard !isFlushing, let socket else { return }
        isFlushing = true
        while isOpen, writes.hasFlushed {
            if let error = socket.error {
                isFlushing = false
                return close0(error: IOError(errnoCode: error, reason: "write"), mode: .all, promise: nil)
            }
            guard writes.isFirstEmpty || socket.room > 0 else {
                socket.awaitRoom()
                break
            }
            let (bytes, promise) = writes.next(upTo: socket.room)
            if let bytes { socket.write(bytes) }
            promise?.succeed(())
            if writes.becomesWritable(below: waterMark) { pipeline.fireChannelWritabilityChanged() }
        }
        isFlushing = false
        socket.push()
        if isOpen, outputClosing.isAwaited, writes.isEmpty { closeOutput() }
    }

    // MARK: - The end

    package func close0(error: any Error, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard isOpen else {
            promise?.fail(ChannelError.alreadyClosed)
            return
        }
        switch mode {
        case .output: closeOutput(error, promise)
        case .input: closeInput(error, promise)
        case .all: closeAll(error, promise)
        }
    }

    private func closeOutput(_ error: any Error, _ promise: EventLoopPromise<Void>?) {
        if isOutputClosed || outputClosing.isAwaited {
            promise?.fail(ChannelError.outputClosed)
        } else if isInputClosed {
            closeAll(error, promise)
        } else {
            outputClosing = (true, promise)
            if writes.isEmpty { closeOutput() }
        }
    }

    private func closeOutput() {
        let promise = outputClosing.promise
        outputClosing = (false, nil)
        isOutputClosed = true
        socket?.finish()
        promise?.succeed(())
        pipeline.fireUserInboundEventTriggered(ChannelEvent.outputClosed)
    }

    private func closeInput(_ error: any Error, _ promise: EventLoopPromise<Void>?) {
        if isInputClosed {
            promise?.fail(ChannelError.inputClosed)
        } else if isOutputClosed {
            closeAll(error, promise)
        } else {
            isInputClosed = true
            isReadAwaited = false
            promise?.succeed(())
            pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
    }

    private func closeAll(_ error: any Error, _ promise: EventLoopPromise<Void>?) {
        let last = stage
        stage = .closed
        opening?.timeout?.cancel()
        let unconnected = opening?.promise
        opening = nil
        if let socket, socket.state != .gone { socket.close(withReset: resetsOnClose) }
        for write in writes.removeAll() { write.fail(error) }
        outputClosing.promise?.fail(error)
        outputClosing = (false, nil)
        unconnected?.fail(error)
        promise?.succeed(())
        if last == .active { pipeline.fireChannelInactive() }
        if last != .fresh { pipeline.fireChannelUnregistered() }
        eventLoop._executeIsolatedUnsafeUnchecked { [self] in
            removeHandlers(pipeline: pipeline)
            closePromise.succeed(())
            localAddress = nil
            remoteAddress = nil
            socket = nil
        }
    }
}
