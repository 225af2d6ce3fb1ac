import Foundation
import MPushControl
import MPushIdentity
import MPushModel
import MPushPlatform
import MPushSimulator
import MPushSystemd
import MPushTLS
import MPushTestSupport
import NIOCore
import NIOPosix
import Testing

@testable import MPushConnection
@testable import MPushDaemon

/// The daemon behind proxies that others wrote.
@Suite struct ProxyTests {
    static let tinyproxyIsMissing: Comment = "tinyproxy is not installed (apt-get install tinyproxy)"
    static let microsocksIsMissing: Comment = "microsocks is not installed (apt-get install microsocks)"

    private func proxy(_ scheme: String, _ peer: ProxyPeer, _ more: String = "") -> String {
        "[proxy]\nurl = \"\(scheme)://127.0.0.1:\(peer.port)\"\n\(more)\n"
    }

    /// Starts with `more`, waits until it is online, and gives what a push over it came to.
    private func push(_ place: Workplace, _ more: String, endpoints: [String]? = nil) async throws -> IdentityReport? {
        try await place.start(place.configuration(endpoints: endpoints, more: more))
        try await place.online()
        let reports = try await place.simulator.push(ByteBuffer(string: "hello"), to: "alice").get()
        guard case .acknowledged? = reports.first?.outcome else {
            Issue.record("\(reports)")
            return nil
        }
        return try await place.onDaemon { daemon in
            daemon.parts?.fleet.runners.first?.report(at: daemon.services.timer.now)
        }
    }

    private func failure(_ place: Workplace, _ more: String) async throws -> (cause: String?, text: String) {
        try await place.start(place.configuration(more: more))
        let record = try await place.sink.next(after: 0) { $0.value(.cause) != nil }
        return (record.value(.cause), record.text)
    }

    // MARK: - CONNECT

    @Test(.enabled(if: ProxyPeer.has("tinyproxy"), tinyproxyIsMissing), arguments: [false, true])
    func connectLeadsToTheServer(withPassword: Bool) async throws {
        let peer = try withPassword ? ProxyPeer.tinyproxy(user: "mpushd", password: "s3cret") : ProxyPeer.tinyproxy()
        try await Workplace.run(Workplace()) { place in
            try "s3cret\n".write(to: place.file("password"), atomically: true, encoding: .utf8)
            let login = withPassword ? "user = \"mpushd\"\npassword_file = \"\(place.file("password").path)\"" : ""
            let report = try await push(place, proxy("http", peer, login))
            #expect(report?.proxy == "http://127.0.0.1:\(peer.port)" && report?.tlsVersion == "TLS 1.3")
            #expect(report?.address == "127.0.0.1:\(peer.port)")
        }
    }

    @Test(
        .enabled(if: ProxyPeer.has("tinyproxy"), tinyproxyIsMissing),
        arguments: ["", "user = \"mpushd\"\npassword = \"no\""])
    func aWrongPasswordIsSaid(login: String) async throws {
        let peer = try ProxyPeer.tinyproxy(user: "mpushd", password: "s3cret")
        try await Workplace.run(Workplace()) { place in
            let (cause, text) = try await failure(place, proxy("http", peer, login))
            #expect(cause == "proxy-authentication" && !text.contains("\"no\""), "\(text)")
        }
    }

    @Test(.enabled(if: ProxyPeer.has("tinyproxy"), tinyproxyIsMissing))
    func aPortThatIsNotAllowedIsSaid() async throws {
        let peer = try ProxyPeer.tinyproxy(ports: [443])
        try await Workplace.run(Workplace()) { place in
            let (cause, text) = try await failure(place, proxy("http", peer))
            #expect(cause == "proxy-forbidden" && text.contains("it answered 403"), "\(text)")
        }
    }

    @Test(.enabled(if: ProxyPeer.has("tinyproxy"), tinyproxyIsMissing))
    func aServerThatIsAwayBehindAProxyIsSaid() async throws {
        let peer = try ProxyPeer.tinyproxy()
        let port = try LoopbackPort.unused()
        try await Workplace.run(Workplace()) { place in
            try await place.start(place.configuration(endpoints: ["127.0.0.1:\(port)"], more: proxy("http", peer)))
            let record = try await place.sink.next(after: 0) { $0.value(.cause) != nil }
            #expect(record.value(.cause) == "proxy" && record.text.contains("it answered 50"), "\(record.text)")
        }
    }

    @Test func aProxyThatIsAwayIsSaidAndComesBack() async throws {
        let port = try LoopbackPort.unused()
        try await Workplace.run(Workplace()) { place in
            let (cause, text) = try await failure(place, "[proxy]\nurl = \"http://127.0.0.1:\(port)\"\n")
            #expect(cause == "proxy-refused")
            #expect(
                text.contains("proxy not reached: http://127.0.0.1:\(port): 127.0.0.1:\(port): "),
                "\(text)")
            guard ProxyPeer.has("tinyproxy") else { return }
            let peer = try ProxyPeer.tinyproxy(port: port)
            try await place.online()
            peer.stop()
        }
    }

    @Test func theDirectWayTakesItsPlaceWhereThatIsAllowed() async throws {
        let port = try LoopbackPort.unused()
        try await Workplace.run(Workplace()) { place in
            let report = try await push(place, "[proxy]\nurl = \"http://127.0.0.1:\(port)\"\nfallback = \"direct\"\n")
            #expect(report?.proxy == nil && report?.address == "127.0.0.1:\(place.port)")
            // It is remembered: the next connection does not ask the proxy.
            let isDirectFirst = try await place.onDaemon { daemon in
                daemon.services.lookup.isDirectFirst(try ProxyURL.parse("http://127.0.0.1:\(port)").url)
            }
            #expect(isDirectFirst)
        }
    }

    @Test func exceptionsGoDirectly() async throws {
        let port = try LoopbackPort.unused()
        try await Workplace.run(Workplace()) { place in
            let report = try await push(
                place, "[proxy]\nurl = \"http://127.0.0.1:\(port)\"\nno_proxy = [\"127.0.0.0/8\"]\n")
            #expect(report?.proxy == nil)
        }
    }

    /// TLS to the proxy, and the server's TLS in it.
    @Test(.enabled(if: ProxyPeer.has("tinyproxy"), tinyproxyIsMissing), arguments: [true, false])
    func aProxyWithTLSProvesWhoItIs(isKnown: Bool) async throws {
        let authority = try ThrowawayAuthority()
        let leaf = try authority.issue(names: ["127.0.0.1"]).identity
        let inner = try ProxyPeer.tinyproxy()
        let peer = try ProxyPeer.tls(
            to: inner.port, chain: leaf.certificateChainPEM, key: leaf.keyPEM.exposed)
        try await Workplace.run(Workplace()) { place in
            try Data(isKnown ? authority.certificatePEM : ThrowawayAuthority().certificatePEM)
                .write(to: place.file("proxy-ca.pem"))
            let table = proxy("https", peer, "ca_file = \"\(place.file("proxy-ca.pem").path)\"")
            if isKnown {
                let report = try await push(place, table)
                #expect(report?.proxy == "https://127.0.0.1:\(peer.port)" && report?.tlsVersion == "TLS 1.3")
            } else {
                let (cause, text) = try await failure(place, table)
                #expect(cause == "proxy-refused" && text.contains("unknown authority"), "\(text)")
            }
        }
    }

    /// A proxy that ends idle tunnels is known by the second that ends like the first.
    @Test(.enabled(if: ProxyPeer.has("tinyproxy"), tinyproxyIsMissing))
    func aProxyThatCutsIdleTunnelsIsKnown() async throws {
        let peer = try ProxyPeer.tinyproxy(timeout: 4)
        try await Workplace.run(Workplace()) { place in
            try await place.start(place.configuration(more: proxy("http", peer)))
            let lost = try await place.sink.next(after: 0, within: .seconds(40)) { $0.value(.cause) == "proxy-idle" }
            #expect(lost.text.contains("proxy that cuts idle connections: http://"), "\(lost.text)")
        }
    }

    /// What waits for more of a request than we ever send is no proxy of this kind.
    @Test func aProxyThatDoesNotAnswerIsSaid() async throws {
        let deaf = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = deaf.localAddress?.port ?? 0
        try await Workplace.run(Workplace()) { place in
            let (cause, text) = try await failure(
                place, "[timeouts]\nconnect = \"1s\"\n[proxy]\nurl = \"socks5://127.0.0.1:\(port)\"\n")
            #expect(cause == "proxy" && text.contains("no answer within 1 s"), "\(text)")
        }
        try await deaf.close()
    }

    // MARK: - SOCKS 5

    @Test(.enabled(if: ProxyPeer.has("microsocks"), microsocksIsMissing), arguments: [false, true])
    func socksLeadsToTheServerAndLooksUpItsName(withPassword: Bool) async throws {
        let peer = try withPassword ? ProxyPeer.microsocks(user: "mpushd", password: "s3cret") : ProxyPeer.microsocks()
        try await Workplace.run(Workplace()) { place in
            let login = withPassword ? "user = \"mpushd\"\npassword = \"s3cret\"" : ""
            let report = try await push(
                place, proxy("socks5", peer, login), endpoints: ["localhost:\(place.port)"])
            #expect(report?.proxy == "socks5://127.0.0.1:\(peer.port)")
        }
    }

    @Test(
        .enabled(if: ProxyPeer.has("microsocks"), microsocksIsMissing),
        arguments: ["", "user = \"mpushd\"\npassword = \"no\""])
    func aWrongSOCKSPasswordIsSaid(login: String) async throws {
        let peer = try ProxyPeer.microsocks(user: "mpushd", password: "s3cret")
        try await Workplace.run(Workplace()) { place in
            let (cause, text) = try await failure(place, proxy("socks5", peer, login))
            #expect(cause == "proxy-authentication", "\(text)")
        }
    }

    @Test(.enabled(if: ProxyPeer.has("microsocks"), microsocksIsMissing))
    func aServerThatIsAwayBehindSOCKSIsSaid() async throws {
        let peer = try ProxyPeer.microsocks()
        let port = try LoopbackPort.unused()
        try await Workplace.run(Workplace()) { place in
            try await place.start(place.configuration(endpoints: ["127.0.0.1:\(port)"], more: proxy("socks5", peer)))
            let record = try await place.sink.next(after: 0) { $0.value(.cause) != nil }
            #expect(record.value(.cause) == "proxy" && record.text.contains("refused there"), "\(record.text)")
        }
    }
}

/// Allocators and webhooks lead through the same proxy.
@Suite struct ProxyReachTests {
    @Test func theAllocatorIsAskedThroughIt() async throws {
        let port = try LoopbackPort.unused()
        try await Workplace.run(Workplace()) { place in
            let text = place.configuration(
                server: "allocator = \"http://127.0.0.1:1/\"",
                more: "[proxy]\nurl = \"http://127.0.0.1:\(port)\"\nno_proxy = [\"127.0.0.1:\(place.port)\"]\n")
            try await place.start(text)
            let failed = try await place.sink.next(after: 0) { $0.event == .allocatorFailed }
            #expect(failed.text.contains("proxy not reached: http://127.0.0.1:\(port): "), "\(failed.text)")
            try await place.online()
        }
    }

    @Test(arguments: ["", "proxy = \"none\"", "proxy = \"socks5://127.0.0.1:1\""])
    func aWebhookIsSentThroughItUnlessTheRouteSaysOtherwise(line: String) async throws {
        let port = try LoopbackPort.unused()
        try await Workplace.run(Workplace(isWhole: true)) { place in
            let more = """
                [proxy]
                url = "http://127.0.0.1:\(port)"
                no_proxy = ["127.0.0.1:\(place.port)"]
                [[route]]
                name = "hook"
                webhook = "http://127.0.0.1:1/"
                \(line)
                """
            try await place.start(place.configuration(more: more))
            try await place.online()
            _ = try await place.simulator.push(ByteBuffer(string: "hello"), to: "alice").get()
            let failing = try await place.sink.next(after: 0) { $0.event == .routeFailing }
            let proxy = ["": "http://127.0.0.1:\(port)", "proxy = \"socks5://127.0.0.1:1\"": "socks5://127.0.0.1:1"][
                line]
            if let proxy {
                #expect(failing.text.contains("proxy not reached: \(proxy): "), "\(failing.text)")
            } else {
                #expect(failing.text.contains("127.0.0.1:1: connection refused"), "\(failing.text)")
                #expect(!failing.text.contains("proxy"), "\(failing.text)")
            }
        }
    }
}
