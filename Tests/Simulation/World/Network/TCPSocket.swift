import Glibc
import NIOCore

/// One end of a connection, as the operating system keeps it: what was written and not acknowledged, what arrived and was
/// not read, and the timer that sends again.
final class TCPSocket {
    enum State {
        /// Asked, and not answered.
        case opening
        /// Answered who asked, who has not said yet that it knows.
        case accepting
        case established
        case gone
    }

    /// What the application is to know.
    struct Events: OptionSet {
        let rawValue: UInt8
        static let readable = Events(rawValue: 1)
        static let writable = Events(rawValue: 2)
        /// The peer sends no more.
        static let end = Events(rawValue: 4)
        /// The connection is broken.
        static let broken = Events(rawValue: 8)
        static let connected = Events(rawValue: 16)
    }

    private static let largestSegment = 16 * 1024
    private static let orphanLimit: Duration = .seconds(60)
    private static let longestWait: Int64 = 120_000_000_000
    /// How often is it sent again before the connection is given up (tcp_retries2, tcp_syn_retries, tcp_orphan_retries).
    private static let mostRetries = (usual: 15, opening: 6, orphan: 8)

    let host: WorldHost
    let conversation: Conversation
    let isOpener: Bool
    private(set) var state: State
    private var number: UInt64 = 0
    weak var channel: WorldChannel?
    var listener: WorldListener?
    /// Whether no application has it any more.
    private var isOrphan = false
    /// TCP_USER_TIMEOUT; 0 for none.
    var userTimeout: Int64 = 0
    /// Why it is broken, as a number of errno(3).
    private(set) var error: CInt?

    private(set) var output = SentStream()
    private var peerWindow = 65_536
    /// Whether the application waits for room.
    private var isFull = false
    private var input = ReceivedStream()
    /// What the peer was told that it may send.
    private var toldWindow = 0

    private var timer: WorldScheduler.Task?
    private var retries = 0
    /// Since when nothing of what waits was acknowledged.
    private var stalledSince: Int64?

    init(of host: WorldHost, in conversation: Conversation, isOpener: Bool) {
        self.host = host
        self.conversation = conversation
        self.isOpener = isOpener
        state = isOpener ? .opening : .accepting
        toldWindow = host.receiveBuffer
        number = host.add(self)
    }

    private var scheduler: WorldScheduler { host.network.scheduler }
    var local: SocketAddress { isOpener ? conversation.opener.address : conversation.acceptor.address }
    var remote: SocketAddress { isOpener ? conversation.acceptor.address : conversation.opener.address }
    var unread: Int { input.unread }
    var hasEnded: Bool { input.hasEnded }
    private var window: Int { max(0, host.receiveBuffer - input.unread) }

    private func send(_ kind: Packet.Kind) { send(Packet(kind: kind)) }

    private func send(_ packet: Packet) {
        var packet = packet
        packet.acknowledged = input.arrived
        packet.window = window
        toldWindow = window
        conversation.send(packet, fromOpener: isOpener)
    }

    // MARK: - The application

    /// Asks for the connection.
    func open() {
        send(.open)
        armTimer(anew: true)
    }

    /// How many bytes it takes now.
    var room: Int { max(0, host.sendBuffer - output.waiting) }

    /// Takes bytes to send, `room` at most. They go with `push`.
    func write(_ bytes: ByteBuffer) {
        output.append(bytes)
    }

    /// Sends what may be sent now.
    func push() {
        transmit()
        armTimer(anew: false)
    }

    private func transmit() {
        guard state == .established, host.canReceive else { return }
        while let (offset, bytes) = output.next(within: peerWindow, upTo: TCPSocket.largestSegment) {
            send(Packet(kind: .data, offset: offset, bytes: bytes))
        }
        if let offset = output.nextEnd() { send(Packet(kind: .data, offset: offset, isLast: true)) }
    }

    /// `write` found no room: `writable` comes when there is some.
    func awaitRoom() { isFull = true }

    /// The first bytes that arrived, `limit` at most; nil for none.
    func read(upTo limit: Int) -> ByteBuffer? {
        let bytes = input.read(upTo: limit)
        // Who was told that nothing more may come is told when something may.
        if state == .established, !hasEnded, toldWindow < host.receiveBuffer / 4, window >= host.receiveBuffer / 2 {
            send(.acknowledgement)
        }
        return bytes
    }

    /// Nothing more is written (shutdown(2)).
    func finish() {
        guard !output.isFinished, state != .gone else { return }
        output.isFinished = true
        push()
    }

    /// The application has done with it (close(2)): what was written is still sent, unless bytes were not read, or it is
    /// to be a reset.
    func close(withReset: Bool) {
        channel = nil
        guard state == .established, !withReset, unread == 0 else { return reset() }
        isOrphan = true
        output.isFinished = true
        push()
        leaveIfDone()
    }

    // MARK: - The end

    /// Resets the connection. The application hears it.
    func reset() {
        if state == .established || state == .accepting { send(.reset) }
        fail(ECONNRESET)
    }

    /// The application was killed.
    func abort() {
        detach()
        reset()
    }

    /// It is gone, and nobody is told.
    func vanish() {
        detach()
        leave()
    }

    private func detach() {
        if let channel { scheduler.bury(channel) }
        channel = nil
    }

    /// An application has accepted it.
    func attach(_ channel: WorldChannel) {
        self.channel = channel
        if state == .gone { channel.notify(.broken) }
        if unread > 0 || hasEnded { channel.notify(hasEnded ? [.readable, .end] : .readable) }
    }

    /// An answer from the way says that the peer cannot be reached.
    func failed(_ number: CInt) {
        if state == .opening { fail(number) }
    }

    private func fail(_ number: CInt) {
        guard state != .gone else { return }
        error = number
        leave()
        channel?.notify(.broken)
    }

    private func leave() {
        guard state != .gone else { return }
        state = .gone
        if let timer { scheduler.cancel(timer) }
        timer = nil
        output = SentStream()
        listener = nil
        host.remove(number)
        conversation.ended(self)
    }

    /// When both have said that they send no more; a peer that never does is not waited for (tcp_fin_timeout).
    private func leaveIfDone() {
        guard isOrphan, output.isDone, state == .established else { return }
        if hasEnded { return leave() }
        guard timer == nil else { return }
        timer = scheduler.schedule(in: TCPSocket.orphanLimit) { [self] in
            timer = nil
            leave()
        }
    }

    // MARK: - Packets

    func received(_ packet: Packet) {
        switch (packet.kind, state) {
        case (_, .gone): break
        case (.reset, .opening): fail(ECONNREFUSED)
        case (.reset, _): fail(hasEnded ? EPIPE : ECONNRESET)
        case (.open, .accepting): answerOpening()
        case (.open, _): break
        case (.openAnswer, .opening):
            peerWindow = packet.window
            establish()
            send(.acknowledgement)
            push()
        case (.openAnswer, _): send(.acknowledgement)
        case (.data, .opening), (.acknowledgement, .opening), (.probe, .opening): break
        case (.data, .accepting), (.acknowledgement, .accepting), (.probe, .accepting):
            establish()
            received(packet)
        case (.probe, .established):
            acknowledge(packet)
            if state == .established { send(.acknowledgement) }
        case (.acknowledgement, .established): acknowledge(packet)
        case (.data, .established):
            acknowledge(packet)
            if state == .established { take(packet) }
        }
    }

    private func answerOpening() {
        send(.openAnswer)
        armTimer(anew: false)
    }

    private func establish() {
        state = .established
        retries = 0
        stalledSince = nil
        armTimer(anew: true)
        if isOpener {
            channel?.notify(.connected)
        } else {
            listener?.enqueue(self)
            listener = nil
        }
    }

    /// What the peer has of what was sent.
    private func acknowledge(_ packet: Packet) {
        let isProgress = output.acknowledge(packet.acknowledged)
        if isProgress { stalledSince = nil }
        // A peer that answers is there, though it takes nothing.
        if isProgress || peerWindow == 0 || !output.isInFlight { retries = 0 }
        peerWindow = packet.window
        transmit()
        armTimer(anew: isProgress)
        if isFull, room >= host.sendBuffer / 3 {
            isFull = false
            channel?.notify(.writable)
        }
        leaveIfDone()
    }

    /// What the peer sent: only what comes next counts, the rest comes again.
    private func take(_ packet: Packet) {
        if isOrphan, packet.count > 0 { return reset() }
        if input.accept(packet, window: window) { channel?.notify(hasEnded ? [.readable, .end] : .readable) }
        send(.acknowledgement)
        leaveIfDone()
    }

    // MARK: - The timer

    private func armTimer(anew: Bool) {
        let isWaiting =
            state == .opening || state == .accepting || (state == .established && !output.isDone)
        if timer != nil, anew || !isWaiting {
            if let timer { scheduler.cancel(timer) }
            timer = nil
        }
        guard isWaiting else {
            stalledSince = nil
            return
        }
        guard timer == nil else { return }
        let now = scheduler.now
        let since = stalledSince ?? now
        stalledSince = since
        let first =
            state == .established
            ? 200_000_000 + 2 * conversation.link.roundTrip + conversation.link.backlog : 1_000_000_000
        var wait = min(TCPSocket.longestWait, first << Int64(min(retries, 20)))
        if userTimeout > 0, state == .established {
            wait = min(wait, max(1, WorldTime.adding(userTimeout, to: since) - now))
        }
        timer = scheduler.schedule(in: .nanoseconds(wait)) { [self] in
            timer = nil
            rang()
        }
    }

    private var mostRetries: Int {
        let most = TCPSocket.mostRetries
        guard state == .established else { return most.opening }
        if isOrphan { return most.orphan }
        // Who says how long it may take is not asked how often.
        return userTimeout > 0 ? .max : most.usual
    }

    private func rang() {
        // A machine that sleeps has no timers; `woke` sets this one again.
        guard host.canReceive else { return }
        if userTimeout > 0, state == .established, let since = stalledSince, scheduler.now - since >= userTimeout {
            return fail(ETIMEDOUT)
        }
        retries += 1
        guard retries <= mostRetries else { return fail(ETIMEDOUT) }
        switch state {
        case .opening: send(.open)
        case .accepting: send(.openAnswer)
        case .gone: break
        case .established where output.isInFlight && peerWindow > 0:
            output.rewind()
            transmit()
        case .established: send(.probe)
        }
        armTimer(anew: false)
    }

    /// The machine slept, which its timers do not count.
    func woke(after duration: Int64) {
        if let since = stalledSince { stalledSince = WorldTime.adding(duration, to: since) }
        transmit()
        armTimer(anew: true)
    }
}
