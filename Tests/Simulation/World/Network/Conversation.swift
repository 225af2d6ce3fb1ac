import Glibc
import NIOCore

/// What travels between the two ends of a connection.
struct Packet {
    enum Kind: UInt64 {
        case open = 1
        case openAnswer
        case data
        /// Says what has arrived, and how much more may.
        case acknowledgement
        /// Asks for an acknowledgement (a probe of a window that is shut).
        case probe
        case reset
    }

    var kind: Kind
    /// Where the bytes stand in the stream.
    var offset: Int64 = 0
    var bytes: ByteBuffer?
    /// Whether nothing comes after the bytes (FIN), which counts as one byte more.
    var isLast = false
    var acknowledged: Int64 = 0
    var window = 0

    var count: Int { bytes?.readableBytes ?? 0 }
    /// What it is on the way: as many packets as it takes, which are as large as they may be, with their headers.
    var size: Int { count + 52 * max(1, (count + 1459) / 1460) }
    var largestPiece: Int { min(count, 1460) + 52 }
}

/// One connection: its ends, and what lies between them. An end that is gone answers with RST, as far as its machine is
/// there to do it.
final class Conversation {
    let number: UInt64
    let openedAt: Duration
    let link: WorldLink
    let network: WorldNetwork
    let opener: (host: WorldHost, address: SocketAddress, ip: String)
    let acceptor: (address: SocketAddress, ip: String)
    var opening: TCPSocket?
    var accepting: TCPSocket?
    private var wasAccepted = false
    /// When the latest packet passed, and whether the translator on the way does not know it any more.
    private var latest: Int64
    private var isForgotten = false

    init(from host: WorldHost, local: SocketAddress, to remote: SocketAddress, network: WorldNetwork) {
        number = network.numberConversation()
        openedAt = network.scheduler.elapsed
        self.network = network
        opener = (host, local, local.ipAddress ?? "")
        acceptor = (remote, remote.ipAddress ?? "")
        link = network.link(opener.ip, acceptor.ip)
        latest = network.scheduler.now
    }

    /// Sends a packet from an end.
    func send(_ packet: Packet, fromOpener isFromOpener: Bool) {
        let sender = isFromOpener ? opener.ip : acceptor.ip
        note(packet, isFromOpener, "->")
        let host = isFromOpener || WorldNetwork.isLoopback(sender) ? opener.host : network.owner(of: sender)
        guard let host, host.canSend(from: sender) else { return }
        guard passesTranslator(packet, fromOpener: isFromOpener) else { return }
        guard let time = link.arrival(of: packet, from: sender) else { return }
        if packet.kind == .open, let errno = link.unreachable {
            return at(time) { [self] in opening?.failed(errno) }
        }
        at(time) { [self] in arrived(packet, fromOpener: isFromOpener) }
    }

    private func at(_ time: Int64, _ work: @escaping () -> Void) {
        _ = network.scheduler.add(at: time, loop: nil, work)
    }

    private func arrived(_ packet: Packet, fromOpener isFromOpener: Bool) {
        let receiver = isFromOpener ? acceptor.ip : opener.ip
        let owner = WorldNetwork.isLoopback(receiver) ? opener.host : network.owner(of: receiver)
        guard let host = owner, host.canReceive else { return }
        note(packet, isFromOpener, "=>")
        if let socket = isFromOpener ? accepting : opening, socket.host === host { return socket.received(packet) }
        if packet.kind == .reset { return }
        if packet.kind == .open, isFromOpener, !wasAccepted, let listener = host.listener(at: acceptor.address) {
            guard listener.hasRoom else { return }
            wasAccepted = true
            let socket = TCPSocket(of: host, in: self, isOpener: false)
            socket.listener = listener
            accepting = socket
            return socket.received(packet)
        }
        send(Packet(kind: .reset), fromOpener: !isFromOpener)
    }

    /// An end is gone.
    func ended(_ socket: TCPSocket) {
        if socket === opening { opening = nil }
        if socket === accepting { accepting = nil }
    }

    // MARK: - The translator on the way

    /// The translator forgets this connection.
    func forget() {
        isForgotten = true
    }

    private func passesTranslator(_ packet: Packet, fromOpener isFromOpener: Bool) -> Bool {
        let now = network.scheduler.now
        guard let translator = link.translator, !WorldNetwork.isLoopback(opener.ip) else { return true }
        if packet.kind == .open { isForgotten = false }
        if !isForgotten, packet.kind != .open {
            let end = WorldTime.adding(WorldTime.nanoseconds(translator.idleLimit), to: latest)
            isForgotten = now > end || link.flushedAt >= latest
            if isForgotten, opening?.channel != nil {
                link.onForgotten?(.nanoseconds(link.flushedAt >= latest ? min(end, link.flushedAt) : end))
            }
        }
        guard isForgotten else {
            latest = now
            return true
        }
        if isFromOpener, translator.answer == .reset, packet.kind != .reset {
            at(now + link.roundTrip / 4) { [self] in
                if opener.host.canReceive { opening?.received(Packet(kind: .reset)) }
            }
        }
        return false
    }

    private func note(_ packet: Packet, _ isFromOpener: Bool, _ arrow: String) {
        guard !link.isPrivate else { return }
        let trace = network.scheduler.trace
        trace.note(
            packet.kind.rawValue << 1 | (isFromOpener ? 1 : 0), number,
            "packet of \(number): \(opener.ip) \(isFromOpener ? arrow : String(arrow.reversed())) \(acceptor.ip)"
                + " \(packet.kind) \(packet.count) at \(packet.offset)\(packet.isLast ? ", the last" : "")"
                + ", has \(packet.acknowledged), takes \(packet.window)")
        if let bytes = packet.bytes { trace.note(bytes) }
    }
}
