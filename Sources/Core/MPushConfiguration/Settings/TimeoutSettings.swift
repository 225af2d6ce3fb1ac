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

    /// How often a request without an answer is sent again; 0 for never.
    package let requestRetries: Int

    /// How long what was sent may stay unacknowledged by the peer's TCP (TCP_USER_TIMEOUT, tcp(7)).
    package let tcpUser: Duration
}

extension TimeoutSettings {
    init(reading table: TableReader) {
        let step = ValueFormat.duration(in: .seconds(1) ... .seconds(300))
        resolve = table.value("resolve", step, default: .seconds(10))
        connect = table.value("connect", step, default: .seconds(10))
        handshake = table.value("handshake", step, default: .seconds(10))
        bind = table.value("bind", step, default: .seconds(10))
        request = table.value("request", step, default: .seconds(10))
        requestRetries = table.value("request_retries", .count(in: 0...10), default: 1)
        tcpUser = table.value("tcp_user_timeout", .duration(in: .seconds(1) ... .seconds(3600)), default: .seconds(30))
    }
}
