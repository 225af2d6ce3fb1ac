import Glibc
import MPushConnection
import MPushModel
import MPushPlatform
import NIOCore
import NIOPosix

/// The machine's TCP on loopback, with names that are made up here, and addresses that fail as they are told to.
final class ScriptedNetwork: Network {
    enum Lookup: Sendable {
        case addresses([String])
        case failure(LookupFailure)
        case silence
    }

    enum Path: Sendable {
        case fails(CInt)
        case silent
        case slow(TimeAmount)
        /// Leads to another port of loopback.
        case leads(to: Int)
    }

    /// What a name is answered with; one that is not here is not known.
    let names: [String: Lookup]
    /// What becomes of connections to an address; else they are made.
    let paths: [String: Path]
    /// Where small segments lead, and usual ones do not.
    let portOfSmallSegments: Int?
    private let machine = Machine.thisOne.network

    init(_ names: [String: Lookup] = [:], paths: [String: Path] = [:], portOfSmallSegments: Int? = nil) {
        self.names = names
        self.paths = paths
        self.portOfSmallSegments = portOfSmallSegments
    }

    func resolve(
        _ host: String, port: UInt16, _ family: AddressFamily, on eventLoop: any EventLoop,
        done: @escaping (Addresses) -> Void
    ) throws(OSError) {
        let lookup = names[host] ?? .failure(LookupFailure(detail: "it has no address", isDefinite: true))
        let answer: Addresses
        switch lookup {
        case .silence: return
        case .failure(let failure): answer = .failure(failure)
        case .addresses(let texts):
            let found = texts.compactMap { try? SocketAddress(ipAddress: $0, port: Int(port)) }
                .filter { ($0.protocol == .inet6) == (family == .v6) }
            answer =
                found.isEmpty
                ? .failure(LookupFailure(detail: "it has no address", isDefinite: true)) : .success(found)
        }
        eventLoop.assumeIsolated().execute { done(answer) }
    }

    func connect(
        to address: SocketAddress, timeout: Duration, userTimeout: Duration, on eventLoop: any EventLoop,
        onChannel: @escaping (any Channel) -> Void
    ) -> EventLoopFuture<any Channel> {
        let connect = { [machine] (address: SocketAddress) in
            machine.connect(
                to: address, timeout: timeout, userTimeout: userTimeout, on: eventLoop, onChannel: onChannel)
        }
        switch paths[address.ipAddress ?? ""] {
        case nil: return connect(address)
        case .fails(let number): return eventLoop.makeFailedFuture(IOError(errnoCode: number, reason: "connect"))
        case .silent:
            let promise = eventLoop.makePromise(of: (any Channel).self)
            eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(timeout.wholeMilliseconds)) {
                promise.fail(ChannelError.connectTimeout(.zero))
            }
            return promise.futureResult
        case .slow(let delay):
            let promise = eventLoop.makePromise(of: (any Channel).self)
            eventLoop.assumeIsolated().scheduleTask(in: delay) { promise.completeWith(connect(address)) }
            return promise.futureResult
        case .leads(let port):
            return connect((try? SocketAddress(ipAddress: "127.0.0.2", port: port)) ?? address)
        }
    }

    func connect(
        to address: SocketAddress, timeout: Duration, maximumSegment: Int, on eventLoop: any EventLoop
    ) -> EventLoopFuture<any Channel>? {
        guard let port = portOfSmallSegments, let target = try? SocketAddress(ipAddress: "127.0.0.2", port: port)
        else { return nil }
        return machine.connect(
            to: target, timeout: timeout, userTimeout: timeout, on: eventLoop, onChannel: { _ in })
    }
}

/// A peer on loopback that knows one thing to say.
enum ScriptedPeer {
    enum Script: Sendable {
        case says(String)
        case closes
        case silent
        /// A server of MPush without TLS, as far as its heartbeat.
        case beats
    }

    /// Listens, and gives the port.
    static func listen(_ script: Script, on group: any EventLoopGroup) async throws -> Int {
        let channel = try await ServerBootstrap(group: group).childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(Handler(script))
            }
        }.bind(host: "127.0.0.2", port: 0).get()
        return channel.localAddress?.port ?? 0
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let script: Script

        init(_ script: Script) { self.script = script }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch script {
            case .says(let text): answer(ByteBuffer(string: text), context)
            case .closes: context.close(promise: nil)
            case .silent: break
            case .beats:
                let bytes = unwrapInboundIn(data)
                if bytes.readableBytesView.elementsEqual([0xDF]) {
                    context.channel.writeAndFlush(bytes, promise: nil)
                } else {
                    context.close(promise: nil)
                }
            }
        }

        private func answer(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
            context.channel.writeAndFlush(bytes, promise: nil)
            context.close(promise: nil)
        }
    }
}
