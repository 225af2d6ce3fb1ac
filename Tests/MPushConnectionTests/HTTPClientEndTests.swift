import Glibc
import MPushConfiguration
import MPushModel
import MPushTestSupport
import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

@testable import MPushConnection
@testable import MPushPlatform
@testable import MPushTLS

/// However its connection ends, a request has one outcome, long before its time is over: the allocator's, and a webhook's.
@Suite struct HTTPClientEndTests {
    /// What the peer does to whoever connects.
    enum Peer: CaseIterable {
        case closes, resets, closesInTheHead, closesInTheBody, answersRubbish

        func meet(_ channel: any Channel) {
            switch self {
            case .closes: channel.close(promise: nil)
            case .resets:
                (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                    .whenComplete { _ in channel.close(promise: nil) }
            case .closesInTheHead: say("HTTP/1.1 200 OK\r\nContent-Le", channel)
            case .closesInTheBody: say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n127", channel)
            case .answersRubbish: say("\u{0}\u{1}\u{2}\u{3}\u{4}\u{5}\r\n\r\n", channel)
            }
        }

        private func say(_ text: String, _ channel: any Channel) {
            channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { _ in channel.close(promise: nil) }
        }
    }

    @Test(arguments: Peer.allCases, [false, true])
    func hasOneOutcome(peer: Peer, isSecured: Bool) async throws {
        let context = isSecured ? try TLSContext(client: TLSClientSettings()) : nil
        let outcomes = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<[String]>) in
            let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
            let lookup = NameLookup(
                by: timer,
                network: MachineNetwork(threads: ShortThreads()) { _, _, _ in .failure(LookupFailure(detail: "none")) })
            var outcomes: [String] = []
            var client: HTTPClient?
            let server = ServerBootstrap(group: eventLoop)
                .childChannelInitializer { channel in
                    channel.eventLoop.execute { peer.meet(channel) }
                    return channel.eventLoop.makeSucceededVoidFuture()
                }
                .bind(host: "127.0.0.1", port: 0)
            server.assumeIsolated().whenSuccess { server in
                let text = "\(isSecured ? "https" : "http")://127.0.0.1:\(server.localAddress?.port ?? 0)/"
                guard let url = try? HTTPURL(parsing: text) else { return promise.fail(LoopBench.TooLate()) }
                let made = HTTPClient(
                    HTTPRequest(.get, url, fields: []), tls: context, timeout: .seconds(15), longestBody: 1000,
                    in: Connector.Environment(eventLoop: eventLoop, timer: timer, lookup: lookup)
                ) { result in
                    switch result {
                    case .success(let answer): outcomes.append("\(answer.status)")
                    case .failure(let failure): outcomes.append(failure.detail)
                    }
                    guard outcomes.count == 1 else { return }
                    // Some turns later, so that a second outcome would be seen.
                    eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(20)) {
                        client?.cancel()
                        client = nil
                        server.close(promise: nil)
                        timer.close()
                        promise.succeed(outcomes)
                    }
                }
                client = made
                made.start()
            }
        }
        #expect(outcomes.count == 1)
        #expect(outcomes.first?.contains("no answer within") == false, "\(outcomes)")
    }

    @Test func aConnectionThatClosesWithoutAWordToItsHandlersIsNoticed() async throws {
        let outcomes = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<[String]>) in
            let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
            let lookup = NameLookup(
                by: timer,
                network: MachineNetwork(threads: ShortThreads()) { _, _, _ in .failure(LookupFailure(detail: "none")) })
            var outcomes: [String] = []
            guard let url = try? HTTPURL(parsing: "http://127.0.0.1:1/") else { throw LoopBench.TooLate() }
            let client = HTTPClient(
                HTTPRequest(.get, url, fields: []), tls: nil, timeout: .seconds(15), longestBody: 1000,
                in: Connector.Environment(eventLoop: eventLoop, timer: timer, lookup: lookup)
            ) { result in
                if case .failure(let failure) = result { outcomes.append(failure.detail) }
            }
            let channel = EmbeddedChannel()
            try channel.pipeline.syncOperations.addHandler(BadFront(.hidesInactive))
            client.connected(.success(channel))
            channel.close(promise: nil)
            channel.embeddedEventLoop.run()
            timer.close()
            promise.succeed(outcomes)
        }
        #expect(outcomes == ["it closed before its answer was complete"])
    }
}
