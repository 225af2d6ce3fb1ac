import MPushModel

/// `[timeouts]`: how long each step may take.
package struct TimeoutSettings: Equatable, Sendable {
    /// The host's name to addresses.
    package let resolve: Duration

    /// The TCP connection, over all addresses of an endpoint.
    package let connect: Duration

    /// The server's answer to HANDSHAKE or FAST_CONNECT.
    package let handshake: Duration

    /// The server's answer to BIND.
    package let bind: Duration

    /// The answer to each attempt of any other request.
    package let request: Duration

    /// The answer to each attempt of an HTTP request that the server makes: it has a limit of its own for that, of 10 s in a
    /// stock server, and answers then.
    package let http: Duration

    /// How often a request without an answer is sent again; 0 for never.
    package let requestRetries: Int

    /// How long what was sent may stay unacknowledged by the peer's TCP (TCP_USER_TIMEOUT, tcp(7)).
    package let tcpUser: Duration
}

extension TimeoutSettings {
    init(reading table: TableReader) {
        let step = ValueFormat.duration(in: .seconds(1) ... .seconds(300))
        resolve = table.value("resolve", takesEffect: .atNextConnection, step, default: .seconds(10))
        connect = table.value("connect", takesEffect: .atNextConnection, step, default: .seconds(10))
        handshake = table.value("handshake", takesEffect: .atNextConnection, step, default: .seconds(10))
        bind = table.value("bind", takesEffect: .atNextConnection, step, default: .seconds(10))
        request = table.value("request", takesEffect: .atNextConnection, step, default: .seconds(10))
        http = table.value("http", takesEffect: .atNextConnection, step, default: .seconds(30))
        requestRetries = table.value("request_retries", takesEffect: .atNextConnection, .count(in: 0...10), default: 1)
        tcpUser = table.value(
            "tcp_user_timeout", takesEffect: .atNextConnection, .duration(in: .seconds(1) ... .seconds(3600)),
            default: .seconds(30))
    }
}

/// `[heartbeat]`: how a dead connection is noticed (PROTOCOL.md section 6).
package struct HeartbeatSettings: Equatable, Sendable {
    /// What the handshake asks for: no heartbeats faster than this. A stock server does not look at it.
    package let minimum: Duration

    /// What the handshake asks for: no heartbeats slower than this. At least `minimum`.
    package let maximum: Duration

    /// Beat this often even where the server asks for less; nil for as often as the server asks.
    package let pingEvery: PingInterval?

    /// Whether the first missed read is followed by a heartbeat whose answer is awaited for `confirmationTimeout`.
    package let confirms: Bool

    /// How long the answer to the confirming heartbeat may take.
    package let confirmationTimeout: Duration
}

/// How often to ask the server.
package enum PingInterval: Hashable, Sendable {
    case every(Duration)
    /// `auto`: as often as the network needs it, which is learnt.
    case learnt
}

extension PingInterval {
    /// The interval as it is written; nil where it is learnt.
    package var written: Duration? {
        switch self {
        case .every(let duration): duration
        case .learnt: nil
        }
    }
}

extension HeartbeatSettings {
    init(reading table: TableReader) {
        minimum = table.value(
            "min", takesEffect: .atNextConnection, .duration(in: .seconds(2) ... .seconds(86_400)),
            default: .seconds(10))
        maximum = table.value(
            "max", takesEffect: .atNextConnection, .duration(in: .seconds(2) ... .seconds(86_400)),
            default: .seconds(180))
        pingEvery = table.optional(
            "ping_every", takesEffect: .atNextConnection, .pingInterval(in: .seconds(5) ... .seconds(86_400)))
        confirms = table.value("confirm", takesEffect: .atNextConnection, .flag, default: true)
        confirmationTimeout = table.value(
            "confirm_timeout", takesEffect: .atNextConnection, .duration(in: .seconds(1) ... .seconds(60)),
            default: .seconds(10))
        table.checkOrder("min", minimum, "max", maximum)
    }
}

/// `[limits]`: the sizes, in bytes, beyond which mpushd does not go (PROTOCOL.md section 1).
package struct LimitSettings: Equatable, Sendable {
    /// The longest body of a received frame; a longer one ends the connection.
    package let maximumBody: Int

    /// The longest received body once inflated. At least `maximumBody`.
    package let maximumInflated: Int

    /// The longest body that is sent: the server's max-packet-size, above which it falls silent and closes.
    package let maximumSend: Int

    /// Bodies above this are compressed before they are sent.
    package let compressOver: Int
}

extension LimitSettings {
    init(reading table: TableReader) {
        maximumBody = table.value(
            "max_body", takesEffect: .atNextConnection, .size(in: 1 << 10...64 << 20), default: 1 << 20)
        maximumInflated = table.value(
            "max_inflated", takesEffect: .atNextConnection, .size(in: 1 << 10...256 << 20), default: 4 << 20)
        maximumSend = table.value(
            "max_send", takesEffect: .atOnce, .size(in: 1 << 10...64 << 20), default: 10 << 10)
        compressOver = table.value(
            "compress_over", takesEffect: .atNextConnection, .size(in: 64...64 << 20), default: 1 << 10)
        if maximumInflated < maximumBody {
            let key = table.holds("max_inflated") ? "max_inflated" : "max_body"
            table.site(of: key).report(
                "max_inflated (\(ByteCount.spelled(maximumInflated))) must not be below max_body "
                    + "(\(ByteCount.spelled(maximumBody))).")
        }
    }
}
