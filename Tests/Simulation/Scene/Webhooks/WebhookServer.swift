import Glibc
import MPushModel
import MPushPlatform
import MPushTLS
import MPushWorld
import NIOCore

/// What a webhook's server does wrong with a request.
enum WebhookFault: CaseIterable {
    /// 503, at times with a Retry-After.
    case unavailable
    /// 500.
    case broken
    /// 429 with a Retry-After.
    case tooMany
    /// What is not HTTP.
    case rubbish
    case closes
    case resets
    /// Never answers.
    case silent
    // These act on the message.
    case actsAndCloses
    case actsAndResets
    case actsAndIsSilent
    /// The head of its answer is cut.
    case actsAndAnswersHalf
    case actsAndAnswersTwice
    case actsAndIsBroken
}

extension WebhookFault {
    var acts: Bool {
        switch self {
        case .unavailable, .broken, .tooMany, .rubbish, .closes, .resets, .silent: false
        case .actsAndCloses, .actsAndResets, .actsAndIsSilent, .actsAndAnswersHalf, .actsAndAnswersTwice,
            .actsAndIsBroken:
            true
        }
    }
}

/// How one webhook fares now.
struct WebhookMood {
    /// From the request to the answer.
    var takes: ClosedRange<Duration> = .milliseconds(1) ... .milliseconds(300)
    var fault = WebhookFault.unavailable
    /// The share of requests that the fault befalls.
    var share = 0.0
}

/// A server on a machine of its own to which routes POST: what its webhooks do is done to the ledger. It reads HTTP with
/// nothing of the daemon's.
final class WebhookServer: @unchecked Sendable {
    static let address = "203.0.113.80"
    static let host = "hooks.world"

    let machine: WorldMachine
    private let tls: TLSContext?
    let ledger: Ledger
    let random: WorldRandom
    let scheduler: WorldScheduler
    /// By the route.
    private var moods: [String: WebhookMood] = [:]
    /// Webhooks of routes that promise an order.
    var inOrder: Set<String> = []
    /// Webhooks of routes that keep each user's order.
    var inUsersOrder: Set<String> = []
    /// The one that refuses some messages for good.
    var fussy: String?
    /// Closes each connection as soon as it is there.
    var hangsUp = false
    private(set) var isRunning = false
    /// What each message was called in all of its requests.
    private var keys: [String: String] = [:]
    /// When the answer was given that confirmed it: of each route and message.
    private var answers: [String: Duration] = [:]

    init(on network: WorldNetwork, random: WorldRandom, ledger: Ledger, wall: WallTime, isSecured: Bool) {
        self.random = random.fork("webhooks")
        self.ledger = ledger
        tls = isSecured ? try? TLSContext(server: WorldCertificates.server) : nil
        scheduler = network.scheduler
        machine = WorldMachine("hooks", addresses: [WebhookServer.address], on: network, random: random, wall: wall)
    }

    subscript(_ route: String) -> WebhookMood {
        get { moods[route] ?? WebhookMood() }
        set { moods[route] = newValue }
    }

    /// Whether messages have to come in the order of any kind.
    func keepsOrder(_ route: String) -> Bool { inOrder.contains(route) || inUsersOrder.contains(route) }

    func calmDown() {
        moods = [:]
        hangsUp = false
    }

    var isUp: Bool { isRunning && !machine.loop.isAsleep }

    // MARK: - Its life

    func start() {
        guard !isRunning, machine.host.isUp,
            let address = try? SocketAddress(ipAddress: WebhookServer.address, port: tls == nil ? 80 : 443)
        else { return }
        isRunning = true
        machine.host.listen(at: address, on: machine.loop) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
                if let tls = self.tls {
                    let timer = try LoopTimer(on: channel.eventLoop, clock: self.machine.clock)
                    try channel.pipeline.syncOperations.addHandler(
                        TLSHandler(server: tls, handshakeTimeout: .seconds(30), timer: timer))
                }
                try channel.pipeline.syncOperations.addHandler(WebhookConnection(of: self))
            }
        }.whenFailure { _ in }
    }

    /// The process dies, and another one begins after `duration`.
    func crash(for duration: Duration) {
        guard isRunning else { return }
        isRunning = false
        machine.crashProcess()
        scheduler.schedule(in: duration) { [self] in start() }
    }

    /// Its machine is off, and on again after `duration`.
    func cutPower(for duration: Duration) {
        guard isRunning else { return }
        isRunning = false
        machine.powerOff()
        scheduler.schedule(in: duration) { [self] in
            machine.powerOn()
            start()
        }
    }

    /// Whether who closes a connection without a reset has read all that came: over TLS it says goodbye before.
    var seesConfirmations: Bool { tls == nil }

    // MARK: - What it sees

    /// A message is called the same in all of its requests, and nothing else is called so.
    func checkKey(of request: WebhookCall) {
        // Its position is another one in an inbox that began anew.
        let parts = request.key.split(separator: ":")
        let key = parts.count == 3 ? "\(parts[0]):\(parts[2])" : request.key
        if let known = keys.updateValue(key, forKey: request.id), known != key {
            ledger.report("one key", "\(request.id) came as \(known), and comes as \(key)")
        }
    }

    /// - Parameter asked: when the connection was opened, or its last answer was given. Of a message only one request at a time is made: what was asked
    ///   before the answer was given was given up before it, and lay here.
    func act(on request: WebhookCall, asked: Duration) {
        ledger.received(
            request.id, user: request.user, by: request.route, keepsOrder: keepsOrder(request.route),
            orderOf: inUsersOrder.contains(request.route) ? request.user : nil,
            isLate: answers[request.name].map { asked <= $0 } ?? false, at: scheduler.elapsed)
    }

    /// Who asked has read the answer of that time.
    func confirmed(_ request: WebhookCall, answered: Duration) {
        answers[request.name] = answered
        ledger.confirmed(request.id, by: request.route)
    }
}
