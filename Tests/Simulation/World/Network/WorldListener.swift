package import NIOCore

/// A socket that accepts connections. A channel only as far as those need it who have one: they ask for its address, and
/// close it.
package final class WorldListener: Channel, ChannelCore, @unchecked Sendable {
    /// How many connections wait at most until the program accepts them.
    private static let backlog = 128

    package let eventLoop: any EventLoop
    package let parent: (any Channel)? = nil
    package let allocator = ByteBufferAllocator()
    package private(set) lazy var pipeline = ChannelPipeline(channel: self)
    package let address: SocketAddress
    private let host: WorldHost
    private let prepare: @Sendable (any Channel) -> EventLoopFuture<Void>
    private let closePromise: EventLoopPromise<Void>
    private var waiting = 0
    package private(set) var isActive = true

    init(
        at address: SocketAddress, of host: WorldHost, on eventLoop: any EventLoop,
        prepare: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) {
        self.address = address
        self.host = host
        self.eventLoop = eventLoop
        self.prepare = prepare
        closePromise = eventLoop.makePromise()
    }

    var hasRoom: Bool { waiting < WorldListener.backlog }

    /// Whether connections to `address` come here.
    func listens(at address: SocketAddress) -> Bool {
        guard self.address.port == address.port else { return false }
        let own = self.address.ipAddress ?? ""
        return own == address.ipAddress || own == "::" || (own == "0.0.0.0" && address.protocol == .inet)
    }

    /// A connection is there; the program accepts it in its next turn.
    func enqueue(_ socket: TCPSocket) {
        waiting += 1
        eventLoop._executeIsolatedUnsafeUnchecked { [self] in
            waiting -= 1
            guard isActive else { return socket.reset() }
            let channel = WorldChannel(on: eventLoop, network: host.network, parent: self)
            channel.accept(socket)
            prepare(channel).assumeIsolated().whenComplete { result in
                switch result {
                case .success: channel.acceptPrepared()
                case .failure: channel.close(promise: nil)
                }
            }
        }
    }

    /// The program is gone.
    func vanish() {
        isActive = false
        host.network.scheduler.bury(self)
    }

    // MARK: - Channel

    package var _channelCore: any ChannelCore { self }
    package var localAddress: SocketAddress? { address }
    package var remoteAddress: SocketAddress? { nil }
    package var closeFuture: EventLoopFuture<Void> { closePromise.futureResult }
    package var isWritable: Bool { false }

    package func close0(error: any Error, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard isActive else {
            promise?.fail(ChannelError.alreadyClosed)
            return
        }
        isActive = false
        host.remove(self)
        promise?.succeed(())
        eventLoop._executeIsolatedUnsafeUnchecked { [self] in
            removeHandlers(pipeline: pipeline)
            closePromise.succeed(())
        }
    }

    package func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) -> EventLoopFuture<Void> {
        eventLoop.makeSucceededVoidFuture()
    }

    package func getOption<Option: ChannelOption>(_ option: Option) -> EventLoopFuture<Option.Value> {
        eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
    }

    package func localAddress0() throws -> SocketAddress { address }
    package func remoteAddress0() throws -> SocketAddress { throw ChannelError.operationUnsupported }

    package func register0(promise: EventLoopPromise<Void>?) { refuse(promise) }
    package func bind0(to address: SocketAddress, promise: EventLoopPromise<Void>?) { refuse(promise) }
    package func connect0(to address: SocketAddress, promise: EventLoopPromise<Void>?) { refuse(promise) }
    package func write0(_ data: NIOAny, promise: EventLoopPromise<Void>?) { refuse(promise) }
    package func triggerUserOutboundEvent0(_ event: Any, promise: EventLoopPromise<Void>?) { refuse(promise) }
    package func flush0() {}
    package func read0() {}
    package func channelRead0(_ data: NIOAny) {}
    package func errorCaught0(error: any Error) {}

    private func refuse(_ promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }
}
