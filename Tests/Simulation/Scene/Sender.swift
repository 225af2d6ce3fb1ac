import MPushModel
import MPushSimulator
import MPushWorld
import NIOCore

/// Who sends messages: through whichever server has the user, again and again until one is acknowledged, as a backend with
/// a queue of its own does. Nothing that happens in the world touches it.
final class Sender: @unchecked Sendable {
    /// A second message with the same id is a duplicate for a day: after half of one it is given up.
    static let patience = Duration.seconds(12 * 3600)

    private let scheduler: WorldScheduler
    private let random: WorldRandom
    private let ledger: Ledger
    private let servers: [PushServer]
    /// Who gets messages.
    var users: [String] = []
    /// The routes that are there.
    var routes: () -> Set<String> = { [] }
    /// Between two messages.
    var pause: ClosedRange<Duration> = .seconds(5) ... .seconds(1800)
    /// The share of messages that one program refuses for good.
    var poison = 0.0
    private(set) var isRunning = false
    private(set) var waiting = 0

    init(on scheduler: WorldScheduler, random: WorldRandom, ledger: Ledger, servers: [PushServer]) {
        self.scheduler = scheduler
        self.random = random.fork("sender")
        self.ledger = ledger
        self.servers = servers
    }

    func start() {
        isRunning = true
        scheduleNext()
    }

    func stop() { isRunning = false }

    private func scheduleNext() {
        scheduler.schedule(in: random.skewedDuration(in: pause)) { [self] in
            guard isRunning else { return }
            let burst = random.chance(0.1) ? random.below(40) + 2 : 1
            for _ in 0..<burst { send() }
            scheduleNext()
        }
    }

    /// A burst out of turn.
    func sendNow(_ count: Int, to user: String? = nil, size: Int = 0) {
        guard isRunning else { return }
        for _ in 0..<count { send(to: user, size: size) }
    }

    private func send(to user: String? = nil, size: Int = 0) {
        let number = ledger.pushes.count
        let isPoison = random.chance(poison)
        ledger.sent(
            number, to: user ?? random.element(of: users), routes: routes(), isPoison: isPoison, at: scheduler.elapsed)
        waiting += 1
        attempt(number, size: max(size, number % 37 == 0 ? 6000 : number % 64))
    }

    private func attempt(_ number: Int, size: Int) {
        let push = ledger.pushes[number]
        guard push.acknowledgedAt == nil else { return }
        guard scheduler.elapsed - push.sentAt < Sender.patience else {
            waiting -= 1
            return
        }
        let start = "{\"msgId\":\"m\(number)\",\"msgType\":1,\"content\":\"\(push.isPoison ? "poison" : "good") "
        var content = ByteBuffer(string: start)
        content.writeRepeatingByte(UInt8(ascii: "x"), count: size)
        content.writeString("\"}")
        for server in servers {
            server.simulator?.push(content, to: push.user).whenSuccess { [self] reports in
                guard reports.contains(where: \.isAcknowledged) else { return }
                if ledger.pushes[number].acknowledgedAt == nil { waiting -= 1 }
                ledger.acknowledged(number, at: scheduler.elapsed)
            }
        }
        scheduler.schedule(in: random.duration(in: .seconds(40) ... .seconds(120))) { [self] in
            if ledger.pushes[number].acknowledgedAt == nil { ledger.sentAgain(number) }
            attempt(number, size: size)
        }
    }
}

extension PushReport {
    fileprivate var isAcknowledged: Bool {
        if case .acknowledged = outcome { true } else { false }
    }
}
