import MPushModel
import MPushSession
import MPushWire
import NIOCore
import Testing

/// Ten thousand sessions that are told whatever comes to mind, in any order.
@Suite struct SessionRandomFactsTests {
    @Test func nothingThatHappensBreaksASession() {
        var complaints: [String] = []
        var onlines = 0
        var closings = 0
        for seed in 0..<10_000 {
            var course = RandomCourse(seed: UInt64(seed))
            course.run()
            complaints += course.complaints.map { "seed \(seed): \($0)" }
            onlines += course.wasOnline ? 1 : 0
            closings += course.wasClosed ? 1 : 0
        }
        #expect(complaints == [])
        // The courses reach what they are to test.
        #expect(onlines > 2000)
        #expect(closings > 2000)
    }
}

/// One session, and facts drawn at random: likely ones half of the time, so that it gets somewhere.
private struct RandomCourse {
    private(set) var complaints: [String] = []
    private(set) var wasOnline = false
    private(set) var wasClosed = false
    private var generator: SplitMix64
    private var machine: SessionStateMachine
    private var now = TestSession.start
    private var tokens: [UInt64: Bool] = [:]
    private var lastRequest: Int32 = 1

    init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
        let ticket = Bool.random(using: &generator) ? SessionTicket.stored() : nil
        let confirmation: Duration? = Bool.random(using: &generator) ? .seconds(10) : nil
        machine = TestSession(ticket: ticket) { $0.health.confirmation = confirmation }.machine
    }

    mutating func run() {
        take(machine.connected(at: now, wallTime: TestSession.today))
        for _ in 0..<40 {
            let longest: Int64 = Int.random(in: 0..<10, using: &generator) == 0 ? 400_000 : 3000
            now += .milliseconds(Int64.random(in: 0...longest, using: &generator))
            take(nextFact())
            checkDeadline()
        }
        take(machine.connectionClosed(.reset(detail: "end")))
        if let lost = tokens.first(where: { !$0.value }) { complaints.append("request \(lost.key) never ended") }
    }

    private mutating func nextFact() -> [SessionAction] {
        switch Int.random(in: 0..<16, using: &generator) {
        case 0...5: return reachDeadlines()
        case 6...9: return machine.bytesRead(at: now) + answer()
        case 10: return machine.heartbeatReceived(at: now)
        case 11, 14: return request()
        case 12: return machine.configurationRead(randomIdentity(), at: now)
        case 13:
            if Bool.random(using: &generator) {
                machine.readingPaused(at: now)
            } else {
                machine.readingResumed(at: now)
            }
            return []
        default: return Int.random(in: 0..<8, using: &generator) == 0 ? machine.closeRequested(.paused) : []
        }
    }

    /// What is due is done in one call: the next deadline lies in the future.
    private mutating func reachDeadlines() -> [SessionAction] {
        guard let deadline = machine.nextDeadline, deadline <= now else { return [] }
        let actions = machine.deadlineReached(at: now)
        if let next = machine.nextDeadline, next <= now { complaints.append("a deadline that is not in the future") }
        return actions
    }

    private mutating func checkDeadline() {
        if machine.state == .closing, machine.nextDeadline != nil { complaints.append("a deadline after the end") }
    }

    private mutating func answer() -> [SessionAction] {
        if let likely = likelyMessage(), Bool.random(using: &generator) {
            return machine.messageReceived(likely, flags: [], number: lastRequest, at: now)
        }
        let number = Bool.random(using: &generator) ? lastRequest : Int32.random(in: -1...50, using: &generator)
        return machine.messageReceived(randomMessage(), flags: randomFlags(), number: number, at: now)
    }

    /// What a good server says next.
    private func likelyMessage() -> ServerMessage? {
        switch machine.state {
        case .resuming: .fastConnect(FastConnectAnswer(heartbeat: .seconds(180)))
        case .handshaking: .handshake(.good)
        case .binding: .ok(.bind)
        case .online, .unbound, .suspect, .closing, nil: nil
        }
    }

    private mutating func randomFlags() -> PacketFlags {
        PacketFlags(rawValue: UInt8.random(in: 0...255, using: &generator))
    }

    private mutating func randomMessage() -> ServerMessage {
        let command = [Command.bind, .unbind, .push, .httpProxy, .fastConnect, .handshake].randomElement(
            using: &generator)
        let code = [ReasonCode.none, .sessionExpired, .invalidDevice, .unsupportedCommand].randomElement(
            using: &generator)
        let heartbeat = Duration.milliseconds(Int64(Int32.random(in: .min ... .max, using: &generator)))
        switch Int.random(in: 0..<14, using: &generator) {
        case 0, 1: return .handshake(.answer(heartbeat: heartbeat))
        case 2: return .fastConnect(FastConnectAnswer(heartbeat: heartbeat))
        case 3, 4, 5: return .ok(.bind)
        case 6: return .ok(command ?? .bind)
        case 7: return .error(command ?? .bind, code ?? .none)
        case 8: return .ack
        case 9:
            return .httpProxy(HTTPProxyAnswer(status: 200, reason: "", headers: [], body: ByteBuffer()))
        case 10: return .unhandled(Command(rawValue: UInt8.random(in: 0...255, using: &generator)))
        case 11: return .kick(KickMessage(deviceID: "device", userID: Bool.random(using: &generator) ? "bob" : "zoe"))
        case 12: return .handshake(.answer(serverKey: [1, 2, 3]))
        default: return .push("x")
        }
    }

    private mutating func randomIdentity() -> SessionIdentity {
        let user = ["alice", "bob"].randomElement(using: &generator) ?? "alice"
        return SessionIdentity(userID: user, tags: [], credential: SecretBytes([]))
    }

    private mutating func request() -> [SessionAction] {
        let token = RequestToken(rawValue: UInt64(tokens.count))
        tokens[token.rawValue] = false
        switch Int.random(in: 0..<5, using: &generator) {
        case 0:
            let isAcknowledged = Bool.random(using: &generator)
            return machine.pushRequested(
                token, content: ByteBuffer(string: "x"), isAcknowledged: isAcknowledged, at: now)
        case 1:
            let http = HTTPProxyRequest(method: .get, uri: "u", headers: [], body: ByteBuffer())
            return machine.httpRequested(token, http, at: now)
        case 2: return machine.bindRequested(token, user: randomIdentity().userID, at: now)
        case 3: return machine.tagsRequested(token, ["t"], at: now)
        default: return machine.unbindRequested(token, at: now)
        }
    }

    /// What holds for every action: nothing but completions after the one close, and each request ends once.
    private mutating func take(_ actions: [SessionAction]) {
        for action in actions {
            if case .complete(let token, _) = action {
                if tokens[token.rawValue] != false { complaints.append("request \(token.rawValue) ended twice") }
                tokens[token.rawValue] = true
            } else if wasClosed {
                complaints.append("\(action) after the end")
            }
            switch action {
            case .close: wasClosed = true
            case .send(let message):
                if message.command != .ack { lastRequest = message.sessionID }
                if Bool.random(using: &generator) { machine.bytesWritten(at: now) }
            case .report(.online): wasOnline = true
            case .useKeys, .sendHeartbeat, .storeTicket, .forgetTicket, .deliver, .complete, .report: break
            }
        }
    }
}
