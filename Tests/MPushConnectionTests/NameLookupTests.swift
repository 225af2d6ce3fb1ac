import Glibc
import MPushModel
import MPushSupervision
import MPushTestSupport
import NIOCore
import Synchronization
import Testing

@testable import MPushConnection
@testable import MPushPlatform

/// What getaddrinfo(3) gives that says nothing of the name.
@Suite struct LookupFailureTests {
    @Test(arguments: [EMFILE, ENFILE, EAGAIN, ENOMEM])
    func whatThisMachineIsShortOfIsNoAnswer(error: CInt) {
        let failure = LookupFailure(status: EAI_SYSTEM, error: error)
        #expect(failure.isShortage && !failure.isDefinite && !failure.detail.isEmpty)
    }

    @Test func otherwiseTheNameCannotBeLookedUp() {
        #expect(LookupFailure(status: EAI_MEMORY, error: 0).isShortage)
        #expect(!LookupFailure(status: EAI_SYSTEM, error: ECONNREFUSED).isShortage)
        #expect(!LookupFailure(status: EAI_AGAIN, error: EMFILE).isShortage)
        #expect(LookupFailure(status: EAI_NONAME, error: 0).isDefinite)
    }
}

/// Names are looked up a few at a time, and nobody who asks is sent away for that.
@Suite struct NameLookupTests {
    /// How many lookups run at once, and the most that ever did.
    private final class Gauge: Sendable {
        private let state = Mutex((now: 0, most: 0))

        var most: Int { state.withLock { $0.most } }

        func enter() { state.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) } }

        func leave() { state.withLock { $0.now -= 1 } }
    }

    /// Has no thread for a lookup at first, and no address later.
    private final class ThreadlessNetwork: Network {
        let isShort = Mutex(true)

        func resolve(
            _ host: String, port: UInt16, _ family: AddressFamily, on eventLoop: any EventLoop,
            done: @escaping (Addresses) -> Void
        ) throws(OSError) {
            if isShort.withLock({ $0 }) { throw OSError(EAGAIN, "pthread_create") }
            done(.failure(LookupFailure(detail: "no such name")))
        }

        func connect(
            to address: SocketAddress, timeout: Duration, userTimeout: Duration, on eventLoop: any EventLoop,
            onChannel: @escaping (any Channel) -> Void
        ) -> EventLoopFuture<any Channel> {
            eventLoop.makeFailedFuture(ChannelError.connectTimeout(.zero))
        }
    }

    @Test func manyAtOnceWaitForTheirTurn() async throws {
        let gauge = Gauge()
        let answers = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<Int>) in
            let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
            let lookup = NameLookup(
                by: timer,
                network: MachineNetwork(threads: ShortThreads()) { host, _, _ in
                    gauge.enter()
                    defer { gauge.leave() }
                    return .failure(LookupFailure(detail: host))
                })
            var left = 200
            for number in 0..<200 {
                _ = lookup.resolve("host-\(number).example", port: 1, for: .route, usesOld: false) { answer in
                    guard answer.isLast, answer.failure?.detail == "host-\(number).example" else { return }
                    left -= 1
                    guard left == 0 else { return }
                    timer.close()
                    promise.succeed(lookup.isIdle ? 200 : -1)
                }
            }
        }
        #expect(answers == 200)
        #expect(gauge.most <= LookupTable<SocketAddress>.mostQuestions)
    }

    /// Home routers drop the question for AAAA; the resolver then needs many seconds to give up.
    @Test func aFamilyThatNeverAnswersHoldsUpNobody() async throws {
        let hanging = Gate()
        defer { hanging.open() }
        let (address, milliseconds) = try await LoopBench.run {
            (eventLoop, promise: EventLoopPromise<(String?, Int64)>) in
            let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
            let place = try SocketAddress(ipAddress: "192.0.2.1", port: 1)
            let lookup = NameLookup(
                by: timer,
                network: MachineNetwork(threads: ShortThreads()) { _, _, family in
                    guard family == .v6 else { return .success([place]) }
                    hanging.wait()
                    return .failure(LookupFailure(detail: "no answer"))
                })
            let began = timer.now
            var first: (String?, Int64)?
            _ = lookup.resolve("push.example", port: 1, for: .server, usesOld: true) { answer in
                first = first ?? (answer.addresses.first?.ipAddress, (timer.now - began).wholeMilliseconds)
                hanging.open()
                guard answer.isLast, let first else { return }
                timer.close()
                promise.succeed(first)
            }
        }
        #expect(address == "192.0.2.1")
        #expect((50..<2000).contains(milliseconds))
    }

    /// Holds threads until it is opened.
    private final class Gate: Sendable {
        private let isOpen = Mutex(false)

        func open() { isOpen.withLock { $0 = true } }

        func wait() { while !isOpen.withLock({ $0 }) { sched_yield() } }
    }

    /// Nobody was asked, so nobody failed to answer.
    @Test func aLookupWithoutAThreadIsAShortage() async throws {
        let (first, second) = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<(String, String)>) in
            let network = ThreadlessNetwork()
            let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
            let lookup = NameLookup(by: timer, network: network)
            var causes: [String] = []
            var held: [Connector] = []
            func connect() {
                let connector = Connector(
                    to: "push.example", port: 1,
                    limits: Connector.Limits(resolve: .seconds(10), connect: .seconds(10), userTimeout: .seconds(30)),
                    in: Connector.Environment(eventLoop: eventLoop, timer: timer, lookup: lookup)
                ) { result in
                    if case .failure(let failure) = result { causes.append("\(failure.cause)") }
                    network.isShort.withLock { $0 = false }
                    guard causes.count == 2 else { return connect() }
                    held = []
                    timer.close()
                    promise.succeed((causes[0], causes[1]))
                }
                held.append(connector)
                connector.start()
            }
            connect()
        }
        let detail = "no thread can be had to look up push.example (pthread_create: \(OSError.text(for: EAGAIN)))"
        #expect(first == "\(LossCause.shortage(detail: detail))")
        #expect(second == "\(LossCause.resolve(host: "push.example", detail: "no such name"))")
    }

    @Test func theResolverAnswersAddressesAndWords() throws {
        let addresses = try MachineNetwork.askResolver("127.0.0.1", 7, .v4).get()
        #expect(addresses == [try SocketAddress(ipAddress: "127.0.0.1", port: 7)])
        #expect(try MachineNetwork.askResolver("::1", 9, .v6).get() == [try SocketAddress(ipAddress: "::1", port: 9)])
        for family in AddressFamily.allCases {
            guard case .failure(let failure) = MachineNetwork.askResolver("no such name", 1, family) else {
                Issue.record("a name with spaces has an address")
                return
            }
            #expect(!failure.detail.isEmpty && failure.detail.first?.isUppercase == false)
        }
        #expect(throws: LookupFailure.self) { try MachineNetwork.askResolver("127.0.0.1", 7, .v6).get() }
    }
}
