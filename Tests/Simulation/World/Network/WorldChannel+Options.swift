import Glibc
package import NIOCore

/// What NIO asks of a channel beside its work.
extension WorldChannel {
    package func localAddress0() throws -> SocketAddress {
        guard isOpen, let localAddress else { throw ChannelError.ioOnClosedChannel }
        return localAddress
    }

    package func remoteAddress0() throws -> SocketAddress {
        guard isOpen, let remoteAddress else { throw ChannelError.ioOnClosedChannel }
        return remoteAddress
    }

    package func bind0(to address: SocketAddress, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }

    package func connect0(to address: SocketAddress, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }

    package func triggerUserOutboundEvent0(_ event: Any, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }

    /// When it was asked for; nil where it is gone.
    package var openedAt: Duration? { socket?.conversation.openedAt }

    /// What was written, and the peer's machine has not acknowledged.
    package var unacknowledgedBytes: Int { writes.bytes + (socket?.output.waiting ?? 0) }

    package func channelRead0(_ data: NIOAny) {}

    package func errorCaught0(error: any Error) {}
}

extension WorldChannel: NIOSynchronousChannelOptions {
    package var syncOptions: (any NIOSynchronousChannelOptions)? { self }

    package func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) throws {
        guard isOpen else { throw ChannelError.ioOnClosedChannel }
        switch value {
        case let value as Bool where option is ChannelOptions.Types.AutoReadOption: setAutoRead(value)
        case let value as Bool where option is ChannelOptions.Types.AllowRemoteHalfClosureOption:
            allowsRemoteHalfClosure = value
        case let value as UInt where option is ChannelOptions.Types.MaxMessagesPerReadOption: readsInARow = value
        case let value as ChannelOptions.Types.WriteBufferWaterMark: waterMark = value
        case let value as ChannelOptions.Types.SocketOption.Value:
            guard let option = option as? ChannelOptions.Types.SocketOption else { break }
            setSocketOption(option.optionLevel, option.optionName, value)
        default: break
        }
    }

    package func getOption<Option: ChannelOption>(_ option: Option) throws -> Option.Value {
        guard isOpen else { throw ChannelError.ioOnClosedChannel }
        let value: Any
        switch option {
        case is ChannelOptions.Types.AutoReadOption: value = isAutoRead
        case is ChannelOptions.Types.AllowRemoteHalfClosureOption: value = allowsRemoteHalfClosure
        case is ChannelOptions.Types.MaxMessagesPerReadOption: value = readsInARow
        case is ChannelOptions.Types.WriteBufferWaterMarkOption: value = waterMark
        case is ChannelOptions.Types.BufferedWritableBytesOption: value = writes.bytes
        default: throw ChannelError.operationUnsupported
        }
        guard let value = value as? Option.Value else { throw ChannelError.operationUnsupported }
        return value
    }

    package func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) -> EventLoopFuture<Void> {
        do {
            try setOption(option, value: value) as Void
            return eventLoop.makeSucceededVoidFuture()
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
    }

    package func getOption<Option: ChannelOption>(_ option: Option) -> EventLoopFuture<Option.Value> {
        do {
            let value: Option.Value = try getOption(option)
            return eventLoop.makeSucceededFuture(value)
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
    }

    private func setSocketOption(
        _ level: NIOBSDSocket.OptionLevel, _ name: NIOBSDSocket.Option, _ value: ChannelOptions.Types.SocketOption.Value
    ) {
        if level == .tcp, name == NIOBSDSocket.Option(rawValue: TCP_USER_TIMEOUT) {
            socket?.userTimeout = Int64(value) * 1_000_000
        }
    }
}

extension WorldChannel: SocketOptionProvider {
    package func unsafeSetSocketOption<Value: Sendable>(
        level: SocketOptionLevel, name: SocketOptionName, value: Value
    ) -> EventLoopFuture<Void> {
        unsafeSetSocketOption(
            level: NIOBSDSocket.OptionLevel(rawValue: CInt(level)), name: NIOBSDSocket.Option(rawValue: CInt(name)),
            value: value)
    }

    /// Of these there is only what says that a close is a reset.
    package func unsafeSetSocketOption<Value: Sendable>(
        level: NIOBSDSocket.OptionLevel, name: NIOBSDSocket.Option, value: Value
    ) -> EventLoopFuture<Void> {
        if name == .so_linger, let value = value as? linger {
            resetsOnClose = value.l_onoff != 0 && value.l_linger == 0
        }
        return eventLoop.makeSucceededVoidFuture()
    }

    package func unsafeGetSocketOption<Value: Sendable>(
        level: SocketOptionLevel, name: SocketOptionName
    ) -> EventLoopFuture<Value> {
        eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
    }

    package func unsafeGetSocketOption<Value: Sendable>(
        level: NIOBSDSocket.OptionLevel, name: NIOBSDSocket.Option
    ) -> EventLoopFuture<Value> {
        eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
    }
}

/// What a channel is to write, up to its socket.
struct PendingWrites {
    private var waiting = CircularBuffer<(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)>(initialCapacity: 4)
    private var flushed = 0
    private(set) var bytes = 0
    private(set) var isWritable = true

    var isEmpty: Bool { waiting.isEmpty }
    var hasFlushed: Bool { flushed > 0 }
    var isFirstEmpty: Bool { waiting.first?.bytes.readableBytes == 0 }

    /// Whether there is so much now that no more should come.
    mutating func add(
        _ bytes: ByteBuffer, _ promise: EventLoopPromise<Void>?, above mark: ChannelOptions.Types.WriteBufferWaterMark
    ) -> Bool {
        waiting.append((bytes, promise))
        self.bytes += bytes.readableBytes
        guard isWritable, self.bytes > mark.high else { return false }
        isWritable = false
        return true
    }

    mutating func markFlush() {
        flushed = waiting.count
    }

    /// The first bytes, `limit` at most, and the promise that is to be kept where a write ends with them.
    mutating func next(upTo limit: Int) -> (ByteBuffer?, EventLoopPromise<Void>?) {
        guard let first = waiting.first else { return (nil, nil) }
        if first.bytes.readableBytes > limit {
            let slice = waiting[waiting.startIndex].bytes.readSlice(length: limit)
            bytes -= limit
            return (slice, nil)
        }
        waiting.removeFirst()
        flushed -= 1
        bytes -= first.bytes.readableBytes
        return (first.bytes.readableBytes > 0 ? first.bytes : nil, first.promise)
    }

    /// Whether there is so little again that more may come.
    mutating func becomesWritable(below mark: ChannelOptions.Types.WriteBufferWaterMark) -> Bool {
        guard !isWritable, bytes < mark.low else { return false }
        isWritable = true
        return true
    }

    /// Forgets all; the promises are to be failed.
    mutating func removeAll() -> [EventLoopPromise<Void>] {
        defer { self = PendingWrites() }
        return waiting.compactMap(\.promise)
    }
}
