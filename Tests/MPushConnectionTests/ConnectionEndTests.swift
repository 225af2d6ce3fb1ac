import MPushCipher
import MPushModel
import MPushSession
import MPushTestSupport
import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

@testable import MPushConnection
@testable import MPushPlatform
@testable import MPushTLS

/// Ends are never lost: whatever happens to a connection, and in whatever order, its observer hears of its end once, after
/// it nothing, and within its deadline.
@Suite struct ConnectionEndTests {
    // MARK: - In memory

    @Test func everyOrderOfEventsEndsAConnectionOnce() async throws {
        let key = try RSAPrivateKey.generate().publicKey
        let (complaints, ends) = try await LoopBench.run {
            (eventLoop, promise: EventLoopPromise<([String], [String: Int])>) in
            let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
            var complaints: [String] = []
            var ends: [String: Int] = [:]
            for seed in 0..<4000 as Range<UInt64> {
                let course = try ConnectionCourse(seed: seed, timer: timer, key: key)
                try course.run()
                complaints += course.complaints.map { "seed \(seed): \($0); \(course.events)" }
                for end in course.ends { ends[end.code, default: 0] += 1 }
            }
            timer.close()
            promise.succeed((Array(complaints.prefix(5)), ends))
        }
        #expect(complaints == [])
        // The courses reach what they are to test.
        for cause in ["closed-by-peer", "own-fault", "reset", "operator-request", "tls", "handshake", "protocol-error"]
        {
            #expect(ends[cause, default: 0] > 20, "\(ends)")
        }
    }

    // MARK: - On the kernel's sockets

    /// What is done while the handlers are added, that is before the channel has said that it is active.
    enum Haste: CaseIterable {
        case close, closeTwice, error, abandon
    }

    @Test(arguments: Haste.allCases)
    func anEndWhileTheHandlersAreAddedIsTold(haste: Haste) async throws {
        let key = try RSAPrivateKey.generate().publicKey
        let ends = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<[LossCause]>) in
            let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
            let lookup = NameLookup(
                by: timer,
                network: MachineNetwork(threads: ShortThreads()) { _, _, _ in .failure(LookupFailure(detail: "none")) })
            let observer = EndObserver()
            var keep: [AnyObject] = []
            let server = ServerBootstrap(group: eventLoop).bind(host: "127.0.0.1", port: 0)
            server.assumeIsolated().whenSuccess { server in
                let connector = Connector(
                    to: "127.0.0.1", port: UInt16(server.localAddress?.port ?? 0),
                    limits: Connector.Limits(resolve: .seconds(5), connect: .seconds(5), userTimeout: .seconds(5)),
                    in: Connector.Environment(eventLoop: eventLoop, timer: timer, lookup: lookup)
                ) { result in
                    guard case .success(let channel) = result,
                        let handler = try? ConnectionCourse.handler(
                            observer, timer: timer, key: key, isSecured: false, closing: .seconds(5))
                    else { return promise.fail(LoopBench.TooLate()) }
                    keep.append(handler)
                    observer.onSecured = { [unowned handler] in
                        switch haste {
                        case .close: handler.close(.paused)
                        case .closeTwice:
                            handler.close(.paused)
                            handler.close(.localStop)
                        case .error: channel.pipeline.fireErrorCaught(ChannelError.inputClosed)
                        case .abandon: handler.abandon(.paused)
                        }
                    }
                    observer.onEnd = {
                        // Some turns later, so that a second end would be seen.
                        eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(20)) {
                            server.close(promise: nil)
                            timer.close()
                            keep = []
                            promise.succeed(observer.ends)
                        }
                    }
                    handler.start(on: channel)
                }
                keep.append(connector)
                connector.start()
            }
        }
        #expect(ends == [haste == .error ? .reset(detail: "Input closed") : .paused])
    }

    /// NIO never tells the handlers of such a channel that it is inactive.
    @Test func anEndInsideTheConnectPromiseIsTold() async throws {
        let key = try RSAPrivateKey.generate().publicKey
        let ends = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<[LossCause]>) in
            let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
            let observer = EndObserver()
            let handler = try ConnectionCourse.handler(
                observer, timer: timer, key: key, isSecured: false, closing: .seconds(5))
            observer.onSecured = { handler.close(.paused) }
            observer.onEnd = {
                timer.close()
                promise.succeed(observer.ends)
            }
            let server = ServerBootstrap(group: eventLoop).bind(host: "127.0.0.1", port: 0)
            server.assumeIsolated().whenSuccess { server in
                guard let address = server.localAddress else { return }
                ClientBootstrap(group: eventLoop).channelOption(.autoRead, value: false).connect(to: address)
                    .assumeIsolated().whenSuccess { channel in handler.start(on: channel) }
            }
        }
        #expect(ends == [.paused])
    }

    @Test(arguments: [false, true])
    func aConnectionIsHandedOverATurnLaterOrClosed(isCancelled: Bool) async throws {
        let told = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<[String]>) in
            let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
            let lookup = NameLookup(
                by: timer,
                network: MachineNetwork(threads: ShortThreads()) { _, _, _ in .failure(LookupFailure(detail: "none")) })
            var told: [String] = []
            let channel = EmbeddedChannel()
            channel.closeFuture.assumeIsolated().whenComplete { _ in told.append("closed") }
            let connector = TCPDialer(
                to: "127.0.0.1", port: 1,
                limits: Connector.Limits(resolve: .seconds(5), connect: .seconds(5), userTimeout: .seconds(5)),
                in: Connector.Environment(eventLoop: eventLoop, timer: timer, lookup: lookup)
            ) { result in
                if case .success = result { told.append("connected") }
            }
            connector.handOver(channel)
            told.append("returned")
            if isCancelled { connector.cancel() }
            eventLoop.assumeIsolated().execute {
                channel.embeddedEventLoop.run()
                timer.close()
                promise.succeed(told)
            }
        }
        #expect(told == ["returned", isCancelled ? "closed" : "connected"])
    }
}
