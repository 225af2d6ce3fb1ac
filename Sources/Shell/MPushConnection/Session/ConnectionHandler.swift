import MPushCipher
package import MPushModel
package import MPushPlatform
package import MPushSession
package import MPushTLS
import MPushWire
package import NIOCore

/// The driver of one connection, last in its pipeline: decodes bytes, tells the session machine what came and when, and
/// runs the machine's actions. Nothing else runs them.
///
/// However the connection ends, its observer is told once, by whatever is first: `channelInactive` (which a channel that
/// is closed while it becomes active never fires), the handler's removal, the channel's `closeFuture`, or the deadline of
/// last resort. See `ConnectionEnding`.
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

    private(set) var machine: SessionStateMachine
    /// The state that the observer knows of.
    private var toldState: SessionState?
    private(set) var codec: PacketCodec
    /// Whether TLS stands in front.
    private let isSecured: Bool
    private let stallLimit: Duration
    private let timer: LoopTimer
    private weak var observer: (any ConnectionObserver)?
    private var ending: ConnectionEnding
    private var owner: LoopTimer.Owner?
    private var channel: (any Channel)?
    private(set) var tls: TLSHandler?
    private var context: ChannelHandlerContext?
    private var outgoing = ByteBuffer()
    private var batch = MessageBatch()
    /// What was sent so far.
    package private(set) var tally = ConnectionTally()
    private var pause: Pause = []
    private var isDecoding = false
    /// When a peer that takes nothing is given up.
    private var stallDue: Instant?

    /// - Parameters:
    ///   - isSecured: whether the session begins when TLS is done; else it begins at once.
    ///   - tls: what `start` puts in front of this.
    ///   - stallLimit: how long a peer may take nothing of what is written, once that is more than the channel queues.
    package init(
        machine: SessionStateMachine, codec: PacketCodec, isSecured: Bool, tls: TLSHandler?, stallLimit: Duration,
        limits: ConnectionEnding.Limits, timer: LoopTimer, observer: any ConnectionObserver
    ) {
        self.machine = machine
        self.codec = codec
        self.tls = tls
        self.isSecured = isSecured
        self.stallLimit = stallLimit
        ending = ConnectionEnding(limits: limits, at: timer.now)
        self.timer = timer
        self.observer = observer
    }

    // MARK: - Wishes

    /// Takes over `channel`, and begins. From here on the observer hears of the end,
    /// whatever happens; it may be before this returns. Called once.
    package func start(on channel: any Channel) {
        self.channel = channel
        owner = timer.makeOwner { [weak self] now in self?.deadlineReached(at: now) }
        channel.closeFuture.assumeIsolated().whenComplete { [self] _ in gone() }
        do {
            try ConnectionBuilder.begin(on: channel, with: [self], behind: tls)
        } catch {
            found(.ownFault(detail: "\(error)"))
        }
        setTimer()
    }

    /// Lets go of the connection, whatever it does, and tells the observer that it has ended for `cause`.
    package func abandon(_ cause: LossCause) {
        carryOut(ending.abandoned(cause))
    }

    /// Lets `work` tell the machine something, and runs what it says.
    package func tell(_ work: (inout SessionStateMachine, Instant) -> [SessionAction]) {
        run(work(&machine, timer.now))
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
        decode(at: timer.now)
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
        if !isSecured, context.channel.isActive { begin(nil) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        gone()
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let completed = event as? TLSHandshakeCompleted { begin(completed.info) }
        context.fireUserInboundEventTriggered(event)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let now = timer.now
        run(machine.bytesRead(at: now))
        codec.append(unwrapInboundIn(data))
        decode(at: now)
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        handOver()
        flush()
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isStalled = !context.channel.isWritable
        stallDue = isStalled ? timer.now + stallLimit : nil
        setPaused(.peer, isStalled)
        context.fireChannelWritabilityChanged()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let failure = (error as? TLSError)?.failure
        found(failure.map { .tls($0) } ?? .reset(detail: ConnectFailureText.text(for: error)))
    }

    package func channelInactive(context: ChannelHandlerContext) {
        gone()
    }

    // MARK: - Facts

    private func begin(_ info: TLSConnectionInfo?) {
        guard ending.goesOn else { return }
        observer?.connectionSecured(info)
        run(machine.connected(at: timer.now, wallTime: timer.wall))
        flush()
    }

    func deadlineReached(at now: Instant) {
        if let stallDue, stallDue <= now {
            self.stallDue = nil
            let detail = "the server took nothing of what was sent for \(stallLimit.humanReadable)"
            run(machine.closeRequested(.reset(detail: detail)))
        }
        run(machine.deadlineReached(at: now))
        carryOut(ending.deadlineReached(at: now))
        flush()
    }

    /// The connection is gone. What came before is handed over first.
    private func gone() {
        guard !ending.hasEnded else { return }
        decodeRest()
        handOver()
        carryOut(ending.gone(otherwise: machine.causeOfClosing(isSecured: isSecured)))
    }

    /// The connection has to end, for `cause` unless there was another before.
    private func found(_ cause: LossCause) {
        if cause.isOfSilence { tls?.awaitsPeersClose = false }
        carryOut(ending.causeFound(cause, at: timer.now))
    }

    private func carryOut(_ verdict: ConnectionEnding.Verdict) {
        switch verdict {
        case .nothing: break
        case .close:
            handOver()
            flush()
            channel?.close(promise: nil)
        case .ended(let cause):
            run(machine.connectionClosed(cause))
            let observer = observer
            self.observer = nil
            observer?.connectionEnded(cause)
            release()
        }
    }

    /// Gives back the timer, and closes what is still open, past whatever waits in the pipeline.
    private func release() {
        if let owner { timer.remove(owner) }
        owner = nil
        outgoing = ByteBuffer()
        guard let channel else { return }
        self.channel = nil
        if let tls, let context = try? channel.pipeline.syncOperations.context(handler: tls) {
            context.close(promise: nil)
        } else {
            channel.close(promise: nil)
        }
        tls = nil
    }

    /// Decodes what came, until the messages in it are too many to take: the rest stays bytes, which take less than what
    /// they may inflate to.
    private func decode(at now: Instant) {
        guard !isDecoding else { return }
        isDecoding = true
        while ending.goesOn, !pause.contains(.consumer), decodeNext(at: now) {
            if batch.isFull { handOver() }
        }
        isDecoding = false
    }

    /// The connection is over: what waits to be decoded is handed over as well, as far as it is bounded. What is not was
    /// not acknowledged.
    private func decodeRest() {
        let now = timer.now
        while machine.state != .closing, !batch.isFull, decodeNext(at: now) {}
    }

    /// Tells the machine the next thing that came; false when there is none.
    private func decodeNext(at now: Instant) -> Bool {
        do {
            switch try codec.next() {
            case nil: return false
            case .heartbeat?: run(machine.heartbeatReceived(at: now))
            case .message(let message, let flags, let number)?:
                run(machine.messageReceived(message, flags: flags, number: number, at: now))
            case .refused(let command, let number, let excess)?:
                run(machine.bodyRefused(command, number: number, excess, at: now))
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
        case .useKeys(let keys): use(keys)
        case .send(let message): send(message)
        case .sendHeartbeat:
            tally.heartbeats += 1
            outgoing.writeInteger(Frame.heartbeatByte)
        case .storeTicket(let ticket): observer?.ticketChanged(ticket)
        case .forgetTicket: observer?.ticketChanged(nil)
        case .deliver(let message, let user):
            if !batch.takes(user) { handOver() }
            batch.append(message, user: user)
        case .complete(let token, let outcome): observer?.requestCompleted(token, outcome)
        case .report(let report):
            if machine.state == .online || machine.state == .unbound { ending.opened() }
            observer?.sessionReported(report)
        case .close(let cause): found(cause)
        }
    }

    private func send(_ message: OutgoingMessage) {
        do {
            try codec.write(message, to: &outgoing)
            if message.command == .ack { tally.acknowledgements += 1 }
        } catch {
            run(machine.closeRequested(.ownFault(detail: "\(message.command) cannot be sent: \(error)")))
        }
    }

    private func use(_ keys: CipherKeys) {
        do { try codec.use(keys) } catch { run(machine.closeRequested(.ownFault(detail: "\(error)"))) }
    }

    private func handOver() {
        let user = batch.user
        guard let messages = batch.takeAll() else { return }
        observer?.messagesReceived(messages, user: user)
    }

    /// Hands everything that the machine wanted sent to the channel in one write, and sets the timer anew.
    private func flush() {
        if outgoing.readableBytes > 0, let context {
            let bytes = outgoing
            outgoing = ByteBuffer()
            context.writeAndFlush(wrapOutboundOut(bytes)).assumeIsolated().whenSuccess { [self] in written() }
        }
        setTimer()
        guard machine.state != toldState else { return }
        toldState = machine.state
        observer?.sessionStateChanged()
    }

    private func written() {
        let now = timer.now
        machine.bytesWritten(at: now)
        if stallDue != nil { stallDue = now + stallLimit }
        setTimer()
    }

    private func setPaused(_ reason: Pause, _ isOn: Bool) {
        let before = pause
        if isOn { pause.insert(reason) } else { pause.remove(reason) }
        guard before.isEmpty != pause.isEmpty, let context else { return setTimer() }
        if pause.isEmpty {
            machine.readingResumed(at: timer.now)
        } else {
            machine.readingPaused(at: timer.now)
        }
        context.channel.setOption(.autoRead, value: pause.isEmpty).assumeIsolated().whenFailure { _ in }
        setTimer()
    }

    var nextDeadline: Instant? { [machine.nextDeadline, stallDue, ending.nextDeadline].compactMap(\.self).min() }

    private func setTimer() {
        if let owner { timer.set(nextDeadline, for: owner) }
    }
}
