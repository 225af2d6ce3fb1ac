import MPushCipher
import MPushModel
import MPushPlatform
import MPushTLS
import MPushWire
import NIOCore

/// A client's connection: turns bytes into what its session is told, and runs what the session says. Belongs to the
/// simulator's event loop.
final class ServerConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let core: SimulatorCore
    let isSecured: Bool
    var session: SimulatedSession
    var sealer: FrameSealer
    var pending: [Int32: PendingPush] = [:]
    var flood: PushFlood?
    var context: ChannelHandlerContext?
    var isClosing = false
    private var decoder: ClientStreamDecoder
    let timer: LoopTimer
    private var checkTimer: LoopTimer.Owner?
    private var acceptedFaults: [SimulatorFault]
    var closeReason = CloseReason.byClient

    /// - Parameters:
    ///   - isSecured: whether a TLS handler stands before this one.
    ///   - faults: those that the connection meets as soon as it is accepted.
    init(_ core: SimulatorCore, id: ConnectionID, isSecured: Bool, faults: [SimulatorFault], timer: LoopTimer) {
        self.timer = timer
        let settings = core.registry.settings
        self.core = core
        self.isSecured = isSecured
        acceptedFaults = faults
        sealer = FrameSealer(privateKey: core.privateKey)
        session = SimulatedSession(id: id, settings: settings, at: timer.now)
        decoder = ClientStreamDecoder(maximumBody: settings.maximumPacketSize)
    }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        core.opened(self, peer: context.remoteAddress?.hostAndPort ?? "?")
        scheduleCheck(in: core.registry.settings.firstReadCheck)
        acceptedFaults.forEach(meet)
        acceptedFaults = []
        if !isSecured { reached(.secured) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let checkTimer { timer.remove(checkTimer) }
        checkTimer = nil
        if self.context != nil { core.closed(self) }
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        session.dataRead(at: timer.now)
        guard !session.behaviour.isSilent, !isClosing else { return }
        decoder.append(unwrapInboundIn(data))
        while !session.behaviour.isSilent, !isClosing, let element = decoder.next() {
            receive(element)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        continueFlood()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? TLSHandshakeCompleted else { return }
        core.record(.secured(version: event.info.version, isResumed: event.info.isResumed), of: self)
        reached(.secured)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !isClosing { closeReason = CloseReason(error) }
        isClosing = true
        context.close(promise: nil)
    }

    private func receive(_ element: ClientStreamDecoder.Element) {
        switch element {
        case .heartbeat: run(session.heartbeatReceived(in: &core.registry))
        case .frame(let frame): receive(frame)
        case .oversize: close(.oversize)
        }
    }

    private func receive(_ frame: Frame) {
        let header = RequestHeader(frame)
        let maximum = 64 * core.registry.settings.maximumPacketSize
        guard let message = try? sealer.open(frame, maximumInflated: maximum) else {
            return run(session.unreadableReceived(header, in: &core.registry))
        }
        let now = timer.now
        guard case .handshake(let request) = message else {
            return run(session.messageReceived(message, header, in: &core.registry, at: now))
        }
        guard let offer = try? SessionOffer.drawn(lifetime: core.registry.settings.sessionLifetime, at: timer.wall)
        else {
            return close(.failure("no randomness"))
        }
        run(session.handshakeReceived(request, header, offering: offer, in: &core.registry, at: now))
    }

    /// The connection has reached that moment: what was planned for it happens.
    private func reached(_ moment: FaultMoment) {
        core.plan.faults(at: moment).forEach(meet)
    }

    private func run(_ actions: [SimulatedSession.Action]) {
        for action in actions { run(action) }
    }

    private func run(_ action: SimulatedSession.Action) {
        switch action {
        case .send(let message): send(message)
        case .beat: write(ByteBuffer(bytes: [Frame.heartbeatByte]))
        case .useKeys(let keys): use(keys)
        case .kick(let id): core.connections[id]?.kick()
        case .settle(let number): settle(number)
        case .record(let kind): core.record(kind, of: self)
        case .reached(let moment): reached(moment)
        case .close(let reason): close(reason)
        }
    }

    private func use(_ keys: SessionKeys) {
        do throws(CipherError) {
            try sealer.use(keys)
        } catch {
            close(.failure(error.description))
        }
    }

    private func scheduleCheck(in delay: Duration) {
        checkTimer = timer.schedule(in: delay) { [weak self] in
            self?.checkReads()
        }
    }

    private func checkReads() {
        let now = timer.now
        switch session.checkDue(at: now) {
        case .checkAgain(let instant): scheduleCheck(in: instant - now)
        case .close: close(.missedReads)
        }
    }

    /// Closes after what was written, and after what is held back.
    func close(_ reason: CloseReason) {
        guard !isClosing else { return }
        isClosing = true
        closeReason = reason
        afterLateness { $0.context?.close(promise: nil) }
    }
}

extension ServerConnection {
    func send(_ message: PlainFrame) {
        do {
            let bytes = try frame(message)
            write(bytes)
            if session.behaviour.answersTwice { write(bytes) }
        } catch {
            close(.failure("\(error)"))
        }
    }

    /// The message as it goes on the wire.
    func frame(_ message: PlainFrame) throws -> ByteBuffer {
        var bytes = ByteBuffer()
        try append(message, to: &bytes)
        return bytes
    }

    func append(_ message: PlainFrame, to bytes: inout ByteBuffer) throws {
        let threshold = core.registry.settings.compressionThreshold
        try sealer.seal(message, compressOver: threshold).write(to: &bytes)
    }

    /// Writes with the connection's lateness, byte by byte where it is told to.
    func write(_ bytes: ByteBuffer) {
        afterLateness { $0.writeNow(bytes) }
    }

    private func writeNow(_ bytes: ByteBuffer) {
        guard let context else { return }
        guard session.behaviour.writesBytewise else {
            return context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        }
        var bytes = bytes
        while let byte = bytes.readSlice(length: 1) {
            context.writeAndFlush(wrapOutboundOut(byte), promise: nil)
        }
    }

    func afterLateness(_ action: @escaping (ServerConnection) -> Void) {
        guard session.behaviour.lateness > .zero, context != nil else { return action(self) }
        timer.schedule(in: session.behaviour.lateness) { action(self) }
    }
}
