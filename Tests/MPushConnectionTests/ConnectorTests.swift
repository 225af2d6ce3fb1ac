import Glibc
import MPushModel
import MPushTestSupport
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import MPushConnection
@testable import MPushPlatform

/// TCP connections, with real sockets: who wins, who loses, and that nobody is left behind.
@Suite struct ConnectorTests {
    private enum Outcome: Equatable {
        case connected(port: Int?)
        case failed(LossCause)
    }

    /// Connects to a name that stands for `addresses`, and gives how that went and what `look` sees a turn later.
    private func connect<Seen: Sendable>(
        to addresses: [SocketAddress]?, limit: Duration = .seconds(10), cancelAfter: TimeAmount? = nil,
        look: @escaping @Sendable () throws -> Seen
    ) async throws -> (Outcome?, Seen) {
        try await LoopBench.run { (eventLoop, promise: EventLoopPromise<(Outcome?, Seen)>) in
            let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
            let lookup = NameLookup(
                by: timer,
                network: MachineNetwork(threads: ShortThreads()) { host, _, _ in
                    addresses.map { .success($0) } ?? .failure(LookupFailure(detail: "no such name"))
                })
            var connector: Connector?
            let end: (Outcome?) -> Void = { outcome in
                connector = nil
                let timer = NIOLoopBound(timer, eventLoop: eventLoop)
                eventLoop.execute {
                    timer.value.close()
                    promise.completeWith(Result { (outcome, try look()) })
                }
            }
            let made = Connector(
                to: "push.example", port: 1,
                limits: Connector.Limits(resolve: .seconds(10), connect: limit, userTimeout: .seconds(30)),
                in: Connector.Environment(eventLoop: eventLoop, timer: timer, lookup: lookup)
            ) { result in
                switch result {
                case .success(let channel):
                    let port = channel.remoteAddress?.port
                    channel.close(promise: nil)
                    end(.connected(port: port))
                case .failure(let failure):
                    end(.failed(failure.cause))
                }
            }
            connector = made
            made.start()
            guard let cancelAfter else { return }
            eventLoop.assumeIsolated().scheduleTask(in: cancelAfter) {
                connector?.cancel()
                end(nil)
            }
        }
    }

    private func address(_ port: UInt16) throws -> SocketAddress {
        try SocketAddress(ipAddress: "127.0.0.1", port: Int(port))
    }

    /// A port on which nobody listens.
    private func refusingPort() async throws -> SocketAddress {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = server.localAddress?.port
        try await server.close()
        return try SocketAddress(ipAddress: "127.0.0.1", port: try #require(port))
    }

    private func withServer(_ body: (SocketAddress) async throws -> Void) async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let place = try #require(server.localAddress)
        let result: Result<Void, any Error>
        do { result = .success(try await body(place)) } catch { result = .failure(error) }
        try await server.close()
        try result.get()
    }

    @Test func connects() async throws {
        try await withServer { server in
            let (outcome, _) = try await connect(to: [server]) {}
            #expect(outcome == .connected(port: server.port))
        }
    }

    @Test func aNameWithoutAddressIsSaid() async throws {
        let (outcome, _) = try await connect(to: nil) {}
        #expect(outcome == .failed(.resolve(host: "push.example", detail: "no such name")))
    }

    @Test func eachRefusalIsSaid() async throws {
        let (first, second) = (try await refusingPort(), try await refusingPort())
        let (outcome, _) = try await connect(to: [first, second]) {}
        let words = [first, second].map { "127.0.0.1:\($0.port ?? 0): connection refused" }.joined(separator: "; ")
        #expect(outcome == .failed(.connect(detail: words)))
    }

    @Test func afterARefusalTheNextIsTried() async throws {
        try await withServer { server in
            let (outcome, _) = try await connect(to: [try await refusingPort(), server]) {}
            #expect(outcome == .connected(port: server.port))
        }
    }

    @Test func theLoserIsClosedWhenAnotherWins() async throws {
        let deaf = try DeafListener()
        try await withServer { server in
            let (outcome, waiting) = try await connect(to: [try address(deaf.port), server]) { try deaf.waiting() }
            #expect(outcome == .connected(port: server.port))
            #expect(waiting == 0)
        }
    }

    @Test func whatDoesNotAnswerIsGivenUpAndClosed() async throws {
        let deaf = try DeafListener()
        let (outcome, waiting) = try await connect(to: [try address(deaf.port)], limit: .milliseconds(300)) {
            try deaf.waiting()
        }
        #expect(outcome == .failed(.connect(detail: "no connection to push.example within 300 ms")))
        #expect(waiting == 0)
    }

    @Test func whatIsCancelledIsClosedAndNothingElseIsTried() async throws {
        let (deaf, other) = (try DeafListener(), try DeafListener())
        let (outcome, waiting) = try await connect(
            to: [try address(deaf.port), try address(other.port)], cancelAfter: .milliseconds(100)
        ) { [try deaf.waiting(), try other.waiting()] }
        #expect(outcome == nil)
        #expect(waiting == [0, 0])
    }

    /// Refuses every connection, and knows to whom.
    private final class RefusingNetwork: Network {
        let tried = Mutex<[String]>([])

        func resolve(
            _ host: String, port: UInt16, _ family: AddressFamily, on eventLoop: any EventLoop,
            done: @escaping (Addresses) -> Void
        ) throws(OSError) { done(.failure(LookupFailure(detail: "no such name"))) }

        func connect(
            to address: SocketAddress, timeout: Duration, userTimeout: Duration, on eventLoop: any EventLoop,
            onChannel: @escaping (any Channel) -> Void
        ) -> EventLoopFuture<any Channel> {
            tried.withLock { $0.append(address.ipAddress ?? "") }
            return eventLoop.makeFailedFuture(IOError(errnoCode: ECONNREFUSED, reason: "connect"))
        }
    }

    @Test(arguments: [false, true]) func eachWayIsTriedOnce(isDirectFirst: Bool) async throws {
        let (tried, isOfProxy) = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<([String], Bool)>) in
            let network = RefusingNetwork()
            let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
            let lookup = NameLookup(by: timer, network: network)
            let url = try ProxyURL.parse("http://192.0.2.9:3128").url
            if isDirectFirst { lookup.directHelped(insteadOf: url) }
            var held: [Connector] = []
            let made = Connector(
                to: "192.0.2.1", port: 1,
                limits: Connector.Limits(resolve: .seconds(10), connect: .seconds(10), userTimeout: .seconds(30)),
                by: LoadedProxy(url: url, user: nil, tls: nil, exceptions: [], fallsBack: true),
                in: Connector.Environment(eventLoop: eventLoop, timer: timer, lookup: lookup)
            ) { result in
                held = []
                timer.close()
                var isOfProxy = false
                if case .failure(let failure) = result, case .proxy = failure.cause { isOfProxy = true }
                promise.succeed((network.tried.withLock(\.self), isOfProxy))
            }
            held.append(made)
            made.start()
        }
        #expect(tried == (isDirectFirst ? ["192.0.2.1", "192.0.2.9"] : ["192.0.2.9", "192.0.2.1"]))
        #expect(isOfProxy)
    }

    /// The test of the tests: a socket that waits is seen.
    @Test func aWaitingSocketIsSeen() throws {
        let deaf = try DeafListener()
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | O_NONBLOCK, 0)
        defer { close(descriptor) }
        try address(deaf.port).withSockAddr { pointer, size in _ = Glibc.connect(descriptor, pointer, socklen_t(size)) }
        // The kernel's table is no snapshot: on a busy machine one look may miss a line.
        let isSeen = try (0..<1000).contains { _ in try deaf.waiting() == 1 }
        #expect(isSeen)
    }
}
