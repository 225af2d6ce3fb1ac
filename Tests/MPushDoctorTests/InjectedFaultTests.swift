import Foundation
import Glibc
import MPushCipher
import MPushConnection
import MPushModel
import MPushPlatform
import MPushSimulator
import MPushTLS
import MPushTestSupport
import NIOCore
import NIOPosix
import Testing

@testable import MPushDoctor

/// Faults made for real on loopback: the whole doctor against a simulated server, or against a peer that is none.
@Suite struct InjectedFaultTests {
    private static let name = "push.example"
    private static let portal = ScriptedPeer.Script.says(
        "HTTP/1.1 302 Found\r\nLocation: http://login.hotel.example/?token=s3cret\r\nContent-Length: 0\r\n\r\n")

    /// What answers at the port.
    enum Server: Sendable {
        case peer(ScriptedPeer.Script)
        /// A simulated server, whose certificate is for `name` and good for `validity`.
        case simulated(
            name: String = InjectedFaultTests.name, validity: ThrowawayAuthority.Validity = Server.valid,
            fault: SimulatorFault? = nil)
        case demandingClientCertificate
        case nothing

        static let valid = ThrowawayAuthority.defaultValidity
    }

    struct Scene: Sendable, CustomTestStringConvertible {
        let culprit: Culprit?
        let shows: String
        var server = Server.simulated()
        var lookup = ScriptedNetwork.Lookup.addresses(["127.0.0.2"])
        var names: [String: ScriptedNetwork.Lookup] = [:]
        var paths: [String: ScriptedNetwork.Path] = [:]
        var web: ScriptedPeer.Script?
        /// Lines of the configuration in place of the usual ones.
        var serverLines = ""
        var tlsLines = "ca_file = \"CA\""
        var hasOtherKey = false
        var hasOtherAuthority = false
        /// The port works only in small segments.
        var isLarge = false
        var binds = false
        var user = "alice"
        var wall: WallTime?

        init(_ culprit: Culprit?, _ shows: String, _ change: (inout Scene) -> Void = { _ in }) {
            self.culprit = culprit
            self.shows = shows
            change(&self)
        }

        var testDescription: String { "\(culprit?.rawValue ?? "good"): \(shows)" }
    }

    private static let year2021 = WallTime(millisecondsSince1970: 1_609_459_200_000)
    private static let year2049 = WallTime(millisecondsSince1970: 2_493_072_000_000)

    static let scenes: [Scene] = [
        Scene(nil, "no fault found"),
        Scene(.captivePortal, "login.hotel.example") { $0.server = .peer(portal) },
        Scene(.captivePortal, "web page") {
            $0.server = .peer(.says("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Welcome</html>"))
        },
        Scene(.captivePortal, "port 80") {
            $0.server = .simulated(name: "gw.hotel.example")
            $0.web = portal
        },
        Scene(.interception, "throw-away authority") { $0.hasOtherAuthority = true },
        Scene(.unknownAuthority, "throw-away authority") { $0.tlsLines = "" },
        Scene(.certificateName, "other.example") { $0.server = .simulated(name: "other.example") },
        Scene(.certificateExpired, "2021-01-01") {
            $0.server = .simulated(validity: Server.valid.lowerBound...year2021)
        },
        Scene(.certificateNotYetValid, "2049") { $0.server = .simulated(validity: year2049...Server.valid.upperBound) },
        Scene(.clock, "2019") {
            $0.server = .simulated(validity: year2049...Server.valid.upperBound)
            $0.wall = WallTime(millisecondsSince1970: 1_560_000_000_000)
        },
        Scene(.nameUnknown, "push.example has no address") {
            $0.lookup = .failure(LookupFailure(detail: "name or service not known", isDefinite: true))
        },
        Scene(.nameServerFails, "temporary failure") {
            $0.lookup = .failure(LookupFailure(detail: "temporary failure in name resolution"))
        },
        Scene(.nameServerSilent, "no answer within 4 s") { $0.lookup = .silence },
        Scene(.nameHijacked, "127.0.0.9") {
            $0.server = .peer(.closes)
            $0.names[Investigation.impossibleName] = .addresses(["127.0.0.9"])
        },
        Scene(.deadFront, "closes it") { $0.server = .peer(.closes) },
        Scene(.deadFront, "nothing runs behind") { $0.server = .simulated(fault: .close) },
        Scene(.clientCertificate, "none is configured") { $0.server = .demandingClientCertificate },
        Scene(.serverKey, "not its key") { $0.hasOtherKey = true },
        Scene(.portWithoutTLS, "without TLS") { $0.server = .peer(.beats) },
        Scene(.tlsPort, "speaks TLS") { $0.serverLines = "transport = \"plaintext\"" },
        Scene(.portRefused, "connection refused") { $0.server = .nothing },
        Scene(.portFiltered, "no answer") { $0.paths["127.0.0.2"] = .silent },
        Scene(.prohibited, "no route to host") { $0.paths["127.0.0.2"] = .fails(EHOSTUNREACH) },
        Scene(.noRoute, "unreachable") { $0.paths["127.0.0.2"] = .fails(ENETUNREACH) },
        Scene(.brokenIPv6, "mpushd goes by IPv4") {
            $0.lookup = .addresses(["2001:db8::7", "127.0.0.2"])
            $0.paths["2001:db8::7"] = .silent
        },
        Scene(.slowLink, "answers after") { $0.paths["127.0.0.2"] = .slow(.milliseconds(700)) },
        Scene(.silentServer, "no TLS handshake") { $0.server = .peer(.silent) },
        Scene(.pathMTU, "536") { $0.isLarge = true },
        Scene(.httpPort, "404") {
            $0.server = .peer(.says("HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<html></html>"))
        },
        Scene(.proxyLogin, "407") { $0.server = .peer(.says("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")) },
        Scene(.userRefused, "refused") {
            $0.binds = true
            $0.user = "mallory"
        },
        Scene(.natForgets, "no heartbeat") {
            $0.server = .simulated(fault: .muteHeartbeats)
            $0.binds = true
        },
    ]

    @Test(arguments: InjectedFaultTests.scenes)
    func theCulpritIsNamed(scene: Scene) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let clock = ContinuousClock()
        let began = clock.now
        do {
            let verdict = try await Self.walk(scene, group)
            if getenv("MPUSHD_SHOW_VERDICTS") != nil {
                print(
                    "FAULT \(scene.culprit?.rawValue ?? "-"): \(verdict.sentence) [\(verdict.status), \(clock.now - began)]"
                )
            }
            #expect(verdict.culprit == scene.culprit, "\(verdict.sentence)")
            #expect(verdict.sentence.contains(scene.shows), "\(verdict.sentence)")
            #expect(!verdict.sentence.contains("s3cret"))
            #expect(clock.now - began < .seconds(15))
        } catch {
            Issue.record("\(scene.testDescription): \(error)")
        }
        try await group.shutdownGracefully()
    }

    // MARK: - The scene

    private static func walk(_ scene: Scene, _ group: MultiThreadedEventLoopGroup) async throws -> Verdict {
        let directory = try TemporaryDirectory()
        let authority = try ThrowawayAuthority()
        let key = try RSAPrivateKey.generate()
        let simulator = try await Self.simulator(scene, authority, key, group)
        var port = 1
        var innerPort: Int?
        if let simulator {
            innerPort = try await simulator.listen(host: "127.0.0.2").get().port
            port = innerPort ?? 1
        } else if case .peer(let script) = scene.server {
            port = try await ScriptedPeer.listen(script, on: group)
        }
        var paths = scene.paths
        if scene.isLarge {
            let silent = try await ScriptedPeer.listen(.silent, on: group)
            paths["127.0.0.2"] = .leads(to: silent)
        }
        let shownKey = try scene.hasOtherKey ? RSAPrivateKey.generate().publicKey : key.publicKey
        try directory.write("key", Array(shownKey.base64.utf8))
        let shown = try scene.hasOtherAuthority ? ThrowawayAuthority() : authority
        try directory.write("ca", shown.certificatePEM)
        try directory.write(
            "mpushd.toml",
            Array(
                """
                [server]
                endpoints = ["\(name):\(port)"]
                public_key = "\(directory.path("key"))"
                \(scene.serverLines)
                [tls]
                \(scene.serverLines.isEmpty ? scene.tlsLines.replacing("CA", with: directory.path("ca")) : "")
                [identity]
                user = "\(scene.user)"
                [state]
                directory = "\(directory.path("state"))"
                """.utf8))
        var options = DoctorOptions(version: "0")
        options.configurationFile = directory.path("mpushd.toml")
        options.binds = scene.binds
        options.webPort = 1
        if let web = scene.web { options.webPort = UInt16(try await ScriptedPeer.listen(web, on: group)) }
        var names = scene.names
        names[name] = scene.lookup
        let network = ScriptedNetwork(
            names, paths: paths, portOfSmallSegments: scene.isLarge ? innerPort : nil)
        let verdict = try await run(options, network, scene.wall, on: group)
        if let simulator { _ = try await simulator.shutDown().get() }
        return verdict
    }

    private static func simulator(
        _ scene: Scene, _ authority: ThrowawayAuthority, _ key: RSAPrivateKey, _ group: MultiThreadedEventLoopGroup
    ) async throws -> Simulator? {
        var configuration: SimulatorConfiguration
        var fault: SimulatorFault?
        switch scene.server {
        case .peer, .nothing: return nil
        case .simulated(let name, let validity, let given):
            let identity = try authority.issue(names: [name], validity: validity).identity
            configuration = SimulatorConfiguration(transport: .tls(TLSServerSettings(identity: identity)))
            fault = given
        case .demandingClientCertificate:
            var settings = TLSServerSettings(identity: try authority.issue(names: [name]).identity)
            settings.clientAuthoritiesPEM = authority.certificatePEM
            configuration = SimulatorConfiguration(transport: .tls(settings))
        }
        configuration.privateKey = key
        configuration.server.refusedUsers = ["mallory"]
        let simulator = try Simulator(configuration, clock: MachineClock(), on: group.next())
        if let fault {
            let moment = fault == .close ? FaultMoment.secured : .accepted
            try await simulator.inject(fault, into: .coming(at: moment)).get()
        }
        return simulator
    }

    private static func run(
        _ options: DoctorOptions, _ network: ScriptedNetwork, _ wall: WallTime?, on group: MultiThreadedEventLoopGroup
    ) async throws -> Verdict {
        let real = Machine.thisOne
        let clock = ShiftedClock(wall: wall ?? real.clock.wall, isWallSynchronised: wall == nil)
        let machine = Machine(
            clock: clock, threads: real.threads, network: network, routes: real.routes, sleepNews: real.sleepNews,
            files: real.files, memory: real.memory, programs: real.programs)
        let loop = group.next()
        let promise = loop.makePromise(of: Verdict.self)
        loop.execute {
            let observer = PromisingObserver(promise)
            let doctor = Doctor(options, machine: machine, on: loop, observer: observer)
            observer.doctor = doctor
            observer.itself = observer
            doctor.start()
        }
        return try await promise.futureResult.get()
    }
}

/// Keeps the doctor and itself until the walk is over.
private final class PromisingObserver: DoctorObserver {
    var doctor: Doctor?
    var itself: PromisingObserver?
    private let promise: EventLoopPromise<Verdict>

    init(_ promise: EventLoopPromise<Verdict>) { self.promise = promise }

    func stepBegan(_ step: DoctorStep) {}

    func stepEnded(_ report: StepReport) {}

    func walkEnded(_ verdict: Verdict) {
        promise.succeed(verdict)
        itself = nil
    }
}

/// The machine's clock, whose wall says something else.
private struct ShiftedClock: ClockSource {
    let wall: WallTime
    let isWallSynchronised: Bool
    private let clock = MachineClock()

    init(wall: WallTime, isWallSynchronised: Bool) {
        self.wall = wall
        self.isWallSynchronised = isWallSynchronised
    }

    var now: Instant { clock.now }
    var monotonic: Duration { clock.monotonic }
    var bootID: String? { clock.bootID }

    func makeAlarm(on eventLoop: any EventLoop, handler: @escaping () -> Void) throws(OSError) -> any ClockAlarm {
        try clock.makeAlarm(on: eventLoop, handler: handler)
    }

    func watchForStep(
        on eventLoop: any EventLoop, handler: @escaping () -> Void
    ) throws(OSError) -> any ClockStepWatch {
        try clock.watchForStep(on: eventLoop, handler: handler)
    }
}
