import MPushModel
import MPushSession
import MPushWire
import NIOCore

/// One connection as the daemon's driver runs it, without the socket: decoder, cipher and session machine, with the rules
/// checked after each fact.
struct SessionRun {
    /// Bytes of a body that are accepted.
    static let maximumBody = 64 * 1024

    private(set) var machine: SessionStateMachine
    private(set) var now = Instant.zero + .seconds(1000)
    private(set) var summary = ScriptSummary()
    private(set) var unconfirmed: [ReceivedMessage] = []
    private var decoder = FrameDecoder(maximumBody: maximumBody)
    private var comparison = SplitComparison(maximumBody: maximumBody)
    private var cipher = ScriptCipher()
    private var rules = ActionRules()
    private var canDecode = true

    init(_ machine: SessionStateMachine) throws(InvariantViolation) {
        self.machine = machine
        rules.bytesRead(at: now)
        try tell { machine, now in machine.connected(at: now, wallTime: StartConditions.wallTime) }
    }

    mutating func pass(_ time: Duration) {
        now += time
    }

    /// Tells the machine something, and runs what it says.
    mutating func tell(
        _ fact: (inout SessionStateMachine, Instant) -> [SessionAction]
    ) throws(InvariantViolation) {
        let wasOver = machine.state == .closing
        for action in fact(&machine, now) { try run(action) }
        try require(!wasOver || machine.state == .closing, "a closed session is \(String(describing: machine.state))")
    }

    /// As `tell`, for a request whose end is awaited.
    mutating func ask(
        _ request: (inout SessionStateMachine, RequestToken, Instant) -> [SessionAction]
    ) throws(InvariantViolation) {
        let token = rules.makeToken()
        try tell { machine, now in request(&machine, token, now) }
    }

    mutating func read(_ bytes: [UInt8]) throws(InvariantViolation) {
        guard canDecode, !bytes.isEmpty else { return }
        rules.bytesRead(at: now)
        comparison.appended(bytes)
        try tell { machine, now in machine.bytesRead(at: now) }
        decoder.append(ByteBuffer(bytes: bytes))
        while let element = nextElement() { try received(element) }
        let kept = decoder.bufferedBytes
        try require(!canDecode || kept < Frame.headerLength + Self.maximumBody, "the decoder keeps \(kept) bytes")
    }

    mutating func deadlineReached(late: Duration) throws(InvariantViolation) {
        if let deadline = machine.nextDeadline { now = max(now, deadline + late) }
        try tell { machine, now in machine.deadlineReached(at: now) }
        let next = machine.nextDeadline
        try require(next.map { $0 > now } ?? true, "the next deadline has passed already: a busy loop")
    }

    mutating func written() {
        machine.bytesWritten(at: now)
    }

    mutating func setReading(_ isOn: Bool) {
        if isOn { machine.readingResumed(at: now) } else { machine.readingPaused(at: now) }
    }

    mutating func confirmed(_ progress: MessageProgress) throws(InvariantViolation) {
        for message in unconfirmed { try tell { machine, _ in machine.messageConfirmed(message, progress) } }
        if progress == .consumed { unconfirmed = [] }
    }

    /// The connection is gone: nothing may be left open.
    mutating func lost() throws(InvariantViolation) {
        try tell { machine, _ in machine.connectionClosed(machine.causeOfClosing(isSecured: true)) }
        try rules.connectionClosed()
        try require(machine.nextDeadline == nil, "a session that is over has a deadline")
    }

    /// The end of the script.
    mutating func finish() throws(InvariantViolation) {
        try lost()
        try comparison.check()
    }

    // MARK: - What came

    private mutating func nextElement() -> FrameDecoder.Element? {
        do {
            let element = try decoder.next()
            if let element { comparison.decoded(element) }
            return element
        } catch {
            comparison.failed()
            canDecode = false
            return nil
        }
    }

    private mutating func received(_ element: FrameDecoder.Element) throws(InvariantViolation) {
        switch element {
        case .heartbeat:
            try tell { machine, now in machine.heartbeatReceived(at: now) }
        case .skipped(let frame, let length):
            try tell { machine, now in
                machine.bodyRefused(frame.command, number: frame.sessionID, .body(bytes: length, maximum: 0), at: now)
            }
        case .frame(let frame):
            try tell { [cipher] machine, now in
                do {
                    let message = try ServerMessage(command: frame.command, body: cipher.open(frame))
                    return machine.messageReceived(message, flags: frame.flags, number: frame.sessionID, at: now)
                } catch {
                    return machine.closeRequested(.protocolError(detail: "\(error)"))
                }
            }
        }
    }

    private mutating func run(_ action: SessionAction) throws(InvariantViolation) {
        try rules.check(action, at: now)
        switch action {
        case .useKeys(let keys):
            do { try cipher.use(keys) } catch { throw InvariantViolation("keys are refused: \(error)") }
        case .send(let message): try send(message)
        case .deliver(let message, _):
            summary.deliveredMessages += 1
            unconfirmed = unconfirmed.suffix(15) + [message]
        case .complete: summary.endedRequests += 1
        case .report(.online): summary.wasOnline = true
        case .sendHeartbeat, .storeTicket, .forgetTicket, .report, .close: break
        }
    }

    /// Whatever the machine sends can be sealed, is not longer than the server takes, and is read back as it was.
    private func send(_ message: OutgoingMessage) throws(InvariantViolation) {
        do {
            let frame = try cipher.seal(message)
            let length = frame.body.readableBytes
            try require(length <= StartConditions.maximumSend, "\(message.command) has \(length) bytes")
            var bytes = ByteBuffer()
            try frame.write(to: &bytes)
            var decoder = FrameDecoder(maximumBody: StartConditions.maximumSend)
            decoder.append(bytes)
            let readBack = try decoder.next()
            try require(readBack == .frame(frame), "\(message.command) is read back otherwise")
        } catch {
            throw error as? InvariantViolation ?? InvariantViolation("\(message.command) cannot be sent: \(error)")
        }
    }
}
