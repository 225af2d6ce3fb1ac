package import MPushCause
import MPushCipher
import MPushNetwork
package import MPushPlatform
package import MPushSession
import MPushTLS
package import MPushTime
import MPushWire
package import NIOCore

/// The driver of one connection, last in its pipeline: decodes bytes, tells the session machine what came and when, and
/// runs the machine's actions. Nothing else runs them.
///
/// Bounded in both directions. Messages that nobody takes stop the decoding and the reading; a peer that does not take
/// what we write stops the reading too, so that nothing new needs an answer, and after `stallLimit` it is given up: two
/// peers that wait for each other so do not wait for ever.
package final class ConnectionHandler: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    /// Why we are not reading.
    private struct Pause: OptionSet {
        let rawValue: Int
        /// Messages that were handed over wait to be taken.
        static let consumer = Pause(rawValue: 1)
        /// What we wrote was not taken by the peer.
        static let peer = Pause(rawValue: 2)
    }

    private var machine: SessionStateMachine
    private var decoder: FrameDecoder
    private var cipher: PacketCipher
    private let isSecured: Bool
    private let stallLimit: Duration
    private let timer: LoopTimer
    private weak var observer: (any ConnectionObserver)?
    private var owner: LoopTimer.Owner?
    private var context: ChannelHandlerContext?
    private var outgoing = ByteBuffer()
    private var batch = MessageBatch()
    private var cause: LossCause?
    /// What was sent so far.
    package private(set) var tally = ConnectionTally()
    private var pause: Pause = []
    private var isDecoding = false
    /// When a peer that takes nothing is given up.
    private var stallDue: Instant?

    /// - Parameters:
    ///   - isSecured: whether a `TLSHandler` stands in front; without one the session begins at once.
    ///   - stallLimit: how long a peer may take nothing of what is written, once that is more than the channel queues.
    package init(
        machine: SessionStateMachine, maximumBody: Int, cipher: PacketCipher, isSecured: Bool, stallLimit: Duration,
        timer: LoopTimer, observer: any ConnectionObserver
    ) {
        self.machine = machine
        decoder = FrameDecoder(maximumBody: maximumBody)
        self.cipher = cipher
        self.isSecured = isSecured
        self.stallLimit = stallLimit
        self.timer = timer
        self.observer = observer
    }

    /// Where the session is; nil while TLS is at work.
    package var state: SessionState? { machine.state }

    /// How alive the connection is; nil before the session is open.
    package var health: HealthReading? { machine.health }

    /// Whether a user is to be bound.
    package var isUserWished: Bool { machine.isUserWished }

    /// Whom the server has bound, as far as it has said; nil for nobody.
    package var boundUser: String? { machine.boundUser }

    /// The number that the next connection's requests begin with.
    package var nextRequestNumber: Int32 { machine.nextRequestNumber }

    /// Whether a deadline passed more than `grace` before `now`: then the driver is stuck.
    package func isOverdue(at now: Instant, grace: Duration) -> Bool {
        nextDeadline.map { now - $0 > grace } ?? false
    }

    // MARK: - Wishes

    /// Lets `work` tell the machine something, and runs what it says.
    package func tell(_ work: (inout SessionStateMachine, Instant) -> [SessionAction]) {
        run(work(&machine, BootClock.now()))
        flush()
    }

    /// Messages that were handed over have come as far as `progress` says.
    package func messagesConfirmed(_ messages: some Sequence<ReceivedMessage>, _ progress: MessageProgress) {
        for message in messages { run(machine.messageConfirmed(message, progress)) }
        flush()
    }

    /// Reads on, or does not: the messages that were handed over are too many to take more.
    package func setConsumerIsBehind(_ isBehind: Bool) {
        setPaused(.consumer, isBehind)
        guard !isBehind, !isDecoding else { return }
        decode(at: BootClock.now())
        handOver()
        flush()
    }

    /// Closes in good order, for `cause`.
    package func close(_ cause: LossCause) {
        tell { machine, _ in machine.closeRequested(cause) }
    }

    // MARK: - The channel

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        owner = timer.makeOwner { [weak self] now in self?.deadlineReached(at: now) }
        if !isSecured, context.channel.isActive { begin(nil) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        if let owner { timer.remove(owner) }
        owner = nil
        self.context = nil
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let completed = event as? TLSHandshakeCompleted { begin(completed.info) }
        context.fireUserInboundEventTriggered(event)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let now = BootClock.now()
        run(machine.bytesRead(at: now))
        decoder.append(unwrapInboundIn(data))
        decode(at: now)
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        handOver()
        flush()
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isStalled = !context.channel.isWritable
        stallDue = isStalled ? BootClock.now() + stallLimit : nil
        setPaused(.peer, isStalled)
        context.fireChannelWritabilityChanged()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let found: LossCause =
            switch error {
            case let error as TLSError: .tls(error.failure)
            default: .reset(detail: ConnectFailureText.words(for: error))
            }
        cause = cause ?? found
        context.close(promise: nil)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        decodeRest()
        handOver()
        let end = cause ?? machine.causeOfClosing(isSecured: isSecured)
        cause = end
        run(machine.connectionClosed(end))
        observer?.connectionEnded(end)
        observer = nil
    }

    // MARK: - Facts

    private func begin(_ info: TLSConnectionInfo?) {
        observer?.connectionSecured(info)
        run(machine.connected(at: BootClock.now(), wallTime: BootClock.wall()))
        flush()
    }

    private func deadlineReached(at now: Instant) {
        if let stallDue, stallDue <= now {
            self.stallDue = nil
            let detail = "the server took nothing of what was sent for \(stallLimit.spoken)"
            run(machine.closeRequested(.reset(detail: detail)))
        }
        run(machine.deadlineReached(at: now))
        flush()
    }

    /// Decodes what came, until the messages in it are too many to take: the rest stays bytes, which take less than what
    /// they may inflate to.
    private func decode(at now: Instant) {
        guard !isDecoding else { return }
        isDecoding = true
        while cause == nil, !pause.contains(.consumer), decodeNext(at: now) {
            if batch.isFull { handOver() }
        }
        isDecoding = false
    }

    /// The connection is over: what waits to be decoded is handed over as well, as far as it is bounded. What is not was
    /// not acknowledged.
    private func decodeRest() {
        let now = BootClock.now()
        while machine.state != .closing, !batch.isFull, decodeNext(at: now) {}
    }

    /// Tells the machine the next thing that came; false when there is none.
    private func decodeNext(at now: Instant) -> Bool {
        do {
            switch try decoder.next() {
            case nil: return false
            case .heartbeat?: run(machine.heartbeatReceived(at: now))
            case .frame(let frame)?:
                let message = try ServerMessage(command: frame.command, body: cipher.open(frame))
                run(machine.messageReceived(message, flags: frame.flags, number: frame.sessionID, at: now))
            }
            return true
        } catch {
            run(machine.closeRequested(.protocolError(detail: "\(error)")))
            return false
        }
    }

    // MARK: - Actions

    private func run(_ actions: [SessionAction]) {
        for action in actions { run(action) }
    }

    private func run(_ action: SessionAction) {
        switch action {
        case .useKeys(let keys): runOrClose { () throws(CipherError) in try cipher.use(keys) }
        case .send(let message): send(message)
        case .sendHeartbeat:
            tally.heartbeats += 1
            outgoing.writeInteger(Frame.heartbeatByte)
        case .storeTicket(let ticket): observer?.ticketChanged(ticket)
        case .forgetTicket: observer?.ticketChanged(nil)
        case .deliver(let message): batch.append(message)
        case .complete(let token, let outcome): observer?.requestCompleted(token, outcome)
        case .report(let report): observer?.sessionReported(report)
        case .close(let cause): closeChannel(cause)
        }
    }

    private func send(_ message: OutgoingMessage) {
        do {
            try cipher.seal(message).write(to: &outgoing)
            if message.command == .ack { tally.acknowledgements += 1 }
        } catch {
            run(machine.closeRequested(.ownFault(detail: "\(message.command) cannot be sent: \(error)")))
        }
    }

    private func runOrClose(_ work: () throws(CipherError) -> Void) {
        do {
            try work()
        } catch {
            run(machine.closeRequested(.ownFault(detail: "\(error)")))
        }
    }

    private func closeChannel(_ cause: LossCause) {
        guard self.cause == nil else { return }
        self.cause = cause
        handOver()
        flush()
        context?.close(promise: nil)
    }

    private func handOver() {
        guard let messages = batch.takeAll() else { return }
        observer?.messagesReceived(messages)
    }

    /// Hands everything that the machine wanted sent to the channel in one write, and sets the timer anew.
    private func flush() {
        if outgoing.readableBytes > 0, let context {
            let bytes = outgoing
            outgoing = ByteBuffer()
            context.writeAndFlush(wrapOutboundOut(bytes)).assumeIsolated().whenSuccess { [self] in written() }
        }
        setTimer()
    }

    private func written() {
        let now = BootClock.now()
        machine.bytesWritten(at: now)
        if stallDue != nil { stallDue = now + stallLimit }
        setTimer()
    }

    private func setPaused(_ reason: Pause, _ isOn: Bool) {
        let before = pause
        if isOn { pause.insert(reason) } else { pause.remove(reason) }
        guard before.isEmpty != pause.isEmpty, let context else { return setTimer() }
        if pause.isEmpty {
            machine.readingResumed(at: BootClock.now())
        } else {
            machine.readingPaused()
        }
        context.channel.setOption(.autoRead, value: pause.isEmpty).assumeIsolated().whenFailure { _ in }
        setTimer()
    }

    private var nextDeadline: Instant? { [machine.nextDeadline, stallDue].compactMap(\.self).min() }

    private func setTimer() {
        if let owner { timer.set(nextDeadline, for: owner) }
    }
}
