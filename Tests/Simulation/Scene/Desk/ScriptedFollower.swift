import MPushModel
import MPushWorld
import NIOCore
import NIOHTTP1

/// A program that follows messages under a name: it reads, acknowledges, goes away and comes back, is slow, and has its
/// name taken by another one. Everything that came while its name was known has to come to it, in order, until it has
/// acknowledged it and was told that this is recorded; and never again after that.
final class ScriptedFollower {
    static let name = "desk"
    /// Without a line for so long, there is nobody.
    private static let patience = Duration.seconds(90)

    private let desk: Desk
    private let ledger: Ledger
    private var stream: Stream?
    /// Whether the daemon has answered once that it knows the name.
    private(set) var isKnown = false
    /// Stays connected and acknowledges everything, at once.
    private var isPeaceful = false
    /// What was acknowledged, and answered: up to here, and one by one.
    private var recorded: Set<Int64> = []
    /// The power cuts that there had been when that was said: what is recorded outlives the process, and a power cut at times.
    private var powerCuts = 0
    /// Which message each position is.
    private var ids: [Int64: String] = [:]

    /// One connection.
    private final class Stream {
        var request: APIRequest?
        var line: [UInt8] = []
        var last: Int64 = 0
        /// What came and was not acknowledged.
        var open: [Int64] = []
        var lastRead: Duration
        var isSlow = false
        /// Whether it was answered with messages, and not with a problem.
        var isGood = false

        init(at now: Duration) { lastRead = now }
    }

    init(at desk: Desk, _ ledger: Ledger) {
        self.desk = desk
        self.ledger = ledger
    }

    func start() {
        connect()
        watch()
    }

    func calmDown() {
        isPeaceful = true
        guard let stream else { return connect() }
        if stream.isSlow { read(stream, true) }
    }

    func goOn() {
        isPeaceful = false
        if let stream { scheduleWhim(stream) }
    }

    /// It goes, and somebody removes its name with all that was kept for it; then it is a new one.
    func remove() {
        guard let stream, !isPeaceful else { return }
        self.stream = nil
        stream.request?.cancel()
        isKnown = false
        ledger.removed(ScriptedFollower.name)
        recorded = []
        desk.scheduler.schedule(in: .seconds(desk.random.below(5))) { [self] in
            guard self.stream == nil else { return }
            desk.ask(.DELETE, "/v1/consumers/\(ScriptedFollower.name)") { [self] news in
                switch news {
                case .status(let status):
                    // The end of its stream may not have been seen yet, or its name may never have been written down.
                    if ![204, 404, 409, 503].contains(status) {
                        ledger.report("the API answers", "a consumer that is removed is answered with \(status)")
                    }
                case .bytes, .complete: break
                case .over: if self.stream == nil { connect() }
                }
            }
        }
    }

    /// The daemon may not know its name any more.
    func forget() { isKnown = false }

    // MARK: - Coming and going

    private func watch() {
        desk.scheduler.schedule(in: .seconds(15)) { [self] in
            if let stream, !stream.isSlow, desk.scheduler.elapsed - stream.lastRead > ScriptedFollower.patience {
                leave(stream, for: .seconds(1))
            }
            watch()
        }
    }

    private func connect() {
        let stream = Stream(at: desk.scheduler.elapsed)
        self.stream = stream
        let window = 1 + desk.random.below(60)
        let path = "/v1/messages/follow?consumer=\(ScriptedFollower.name)&from=oldest&window=\(window)"
        stream.request = desk.ask(.GET, path) { [self, weak stream] news in
            guard let stream else { return }
            stream.lastRead = desk.scheduler.elapsed
            switch news {
            case .status(let status):
                stream.isGood = status == 200
                if stream.isGood { isKnown = true }
            case .bytes(let bytes): if stream.isGood { receive(bytes, stream) }
            case .complete: break
            case .over: if self.stream === stream { leave(stream, for: .seconds(desk.random.below(10))) }
            }
        }
        scheduleWhim(stream)
    }

    private func leave(_ stream: Stream, for pause: Duration) {
        guard self.stream === stream else { return }
        self.stream = nil
        stream.request?.cancel()
        desk.scheduler.schedule(in: pause) { [self] in if self.stream == nil { connect() } }
    }

    /// Something else than to read and to acknowledge.
    private func scheduleWhim(_ stream: Stream) {
        let random = desk.random
        desk.scheduler.schedule(in: random.skewedDuration(in: .seconds(10) ... .seconds(4 * 3600))) {
            [self, weak stream] in
            guard let stream, self.stream === stream, !isPeaceful else { return }
            switch random.below(3) {
            case 0: leave(stream, for: random.skewedDuration(in: .milliseconds(1) ... .seconds(3 * 3600)))
            case 1:
                // Another one takes the name; this one is told so, and does not come back.
                connect()
                desk.scheduler.schedule(in: .seconds(60)) { stream.request?.cancel() }
            default:
                read(stream, false)
                desk.scheduler.schedule(in: random.skewedDuration(in: .seconds(1) ... .seconds(300))) { [self] in
                    read(stream, true)
                    if self.stream === stream { scheduleWhim(stream) }
                }
            }
        }
    }

    private func read(_ stream: Stream, _ isReading: Bool) {
        stream.isSlow = !isReading
        stream.lastRead = desk.scheduler.elapsed
        stream.request?.reads(isReading)
    }

    // MARK: - What comes

    private func receive(_ bytes: ByteBuffer, _ stream: Stream) {
        for byte in bytes.readableBytesView {
            guard byte == UInt8(ascii: "\n") else {
                stream.line.append(byte)
                continue
            }
            let line = String(decoding: stream.line, as: UTF8.self)
            stream.line = []
            if line.hasPrefix("{\"position\":") {
                receive(line, stream)
            } else if !line.hasPrefix("{\"keepalive\":"), !line.hasPrefix("{\"end\":") {
                ledger.report("a follower's lines", "it got \(line.prefix(200))")
            }
        }
    }

    private func receive(_ line: String, _ stream: Stream) {
        guard let position = Int64(line.dropFirst(12).prefix { $0.isNumber }), let id = line.value(of: "id"),
            let user = line.value(of: "user")
        else { return ledger.report("a follower's lines", "it got \(line.prefix(200))") }
        // Where its name was taken, what is on the way still comes.
        guard self.stream === stream else { return }
        if position <= stream.last {
            ledger.report("a follower's order", "position \(position) (\(id)) came after \(stream.last)")
        }
        stream.last = position
        if let known = ids.updateValue(id, forKey: position), known != id {
            ledger.report("a position is one message's", "\(position) was \(known), and is \(id)")
        }
        if powerCuts != desk.device.powerCuts {
            powerCuts = desk.device.powerCuts
            recorded = []
        }
        if recorded.contains(position) {
            ledger.report(
                "acknowledged for good", "position \(position) (\(id)) came after its acknowledgement was recorded")
        }
        ledger.received(id, user: user, by: ScriptedFollower.name, keepsOrder: false, at: desk.scheduler.elapsed)
        stream.open.append(position)
        let delay = isPeaceful ? .milliseconds(1) : desk.random.skewedDuration(in: .milliseconds(1) ... .seconds(120))
        desk.scheduler.schedule(in: delay) { [self, weak stream] in
            guard let stream, self.stream === stream else { return }
            acknowledge(stream)
        }
    }

    // MARK: - Acknowledgements

    private func acknowledge(_ stream: Stream) {
        guard let first = stream.open.first, let last = stream.open.last else { return }
        let body: String
        let positions: [Int64]
        if desk.random.chance(0.5) {
            positions = stream.open
            body = "{\"up_to\":\(last)}"
            stream.open = []
        } else {
            // Not in their order; the others come later.
            positions = isPeaceful || stream.open.count == 1 || desk.random.chance(0.5) ? [first] : [last]
            stream.open.removeAll { positions.contains($0) }
            body = "{\"positions\":[\(positions.map(String.init).joined(separator: ","))]}"
        }
        var isGood = false
        desk.ask(.POST, "/v1/consumers/\(ScriptedFollower.name)/acks", body: body) { [self, weak stream] news in
            switch news {
            case .status(let status): isGood = status == 200
            case .complete: if isGood { recorded.formUnion(positions) }
            case .bytes: break
            case .over:
                guard let stream, self.stream === stream else { return }
                // What was not taken is told again.
                if !isGood { stream.open = (positions + stream.open).sorted() }
                if !stream.open.isEmpty {
                    desk.scheduler.schedule(in: .seconds(isGood ? 1 : 5)) { [self] in
                        if self.stream === stream { acknowledge(stream) }
                    }
                }
            }
        }
    }
}

extension String {
    /// The first text of that name in a line of JSON; those of worlds have nothing in them that is escaped.
    fileprivate func value(of name: String) -> String? {
        guard let start = firstRange(of: "\"\(name)\":\"")?.upperBound else { return nil }
        return String(self[start...].prefix { $0 != "\"" })
    }
}
