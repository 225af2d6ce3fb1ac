import MPushModel

/// SOCKS 5 (RFC 1928), with user and password (RFC 1929). Names go to the proxy as they are.
struct SOCKSHandshake: Sendable {
    private enum Phase: Sendable {
        case greeted
        case authenticating
        case requested
    }

    private enum Method {
        static let none: UInt8 = 0
        static let password: UInt8 = 2
        static let noneAcceptable: UInt8 = 0xFF
    }

    private static let version: UInt8 = 5

    private let target: ProxyHandshake.Target
    private let user: ProxyHandshake.User?
    private var phase = Phase.greeted
    /// The longest answer has 262 bytes.
    private var buffer: [UInt8] = []

    init(to target: ProxyHandshake.Target, as user: ProxyHandshake.User?) {
        self.target = target
        self.user = user
    }

    var greeting: [UInt8] {
        let methods = user == nil ? [Method.none] : [Method.none, Method.password]
        return [SOCKSHandshake.version, UInt8(truncatingIfNeeded: methods.count)] + methods
    }

    /// Whether the answer to the password is awaited.
    var isAuthenticating: Bool {
        if case .authenticating = phase { true } else { false }
    }

    mutating func received(_ bytes: [UInt8]) -> ProxyHandshake.Step {
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            buffer.append(byte)
            guard let step = step(rest: rest) else { continue }
            buffer = []
            return step
        }
        return .wait
    }

    /// Nil where the answer is not whole. A proxy that says more than it was asked is followed no further.
    private mutating func step(rest: ArraySlice<UInt8>) -> ProxyHandshake.Step? {
        switch phase {
        case .greeted: return methodChosen(hasMore: !rest.isEmpty)
        case .authenticating:
            guard buffer.count == 2 else { return nil }
            guard buffer[1] == 0 else { return .failed(.authentication(detail: "it refuses the user or the password")) }
            return rest.isEmpty ? request() : tooMuch
        case .requested: return answered(rest: rest)
        }
    }

    private var tooMuch: ProxyHandshake.Step {
        .failed(.failed(detail: "it sends more than it was asked for: it may be no SOCKS 5 proxy"))
    }

    private mutating func methodChosen(hasMore: Bool) -> ProxyHandshake.Step? {
        guard buffer[0] == SOCKSHandshake.version else {
            return .failed(.failed(detail: "what it answers is not SOCKS 5: it may be an HTTP proxy"))
        }
        guard buffer.count == 2 else { return nil }
        if hasMore { return tooMuch }
        switch (buffer[1], user) {
        case (Method.none, _): return request()
        case (Method.password, let user?):
            phase = .authenticating
            return .send([1] + field(Array(user.name.utf8)) + field(user.password.exposed))
        case (Method.noneAcceptable, nil):
            return .failed(.authentication(detail: "it wants a user and a password, and none are configured"))
        case (Method.noneAcceptable, _):
            return .failed(.authentication(detail: "it wants neither user and password nor nothing"))
        default: return .failed(.authentication(detail: "it wants what was not offered (method \(buffer[1]))"))
        }
    }

    private mutating func request() -> ProxyHandshake.Step {
        phase = .requested
        let address: [UInt8]
        switch (target.kind, IPAddressText.bytes(of: target.host)) {
        case (.ipv4, let bytes?): address = [1] + bytes
        case (.ipv6, let bytes?): address = [4] + bytes
        case (.name, _), (.ipv4, nil), (.ipv6, nil): address = [3] + field(Array(target.host.utf8))
        }
        let port = [UInt8(target.port >> 8), UInt8(target.port & 0xFF)]
        return .send([SOCKSHandshake.version, 1, 0] + address + port)
    }

    /// Its length before it: 255 bytes at most, which the configuration sees to.
    private func field(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8(truncatingIfNeeded: min(bytes.count, 255))] + bytes.prefix(255)
    }

    private func answered(rest: ArraySlice<UInt8>) -> ProxyHandshake.Step? {
        guard buffer[0] == SOCKSHandshake.version else {
            return .failed(.failed(detail: "what it answers is not SOCKS 5"))
        }
        guard buffer.count >= 2 else { return nil }
        guard buffer[1] == 0 else { return .failed(SOCKSHandshake.failure(buffer[1])) }
        guard buffer.count >= 5 else { return nil }
        let length: Int
        switch buffer[3] {
        case 1: length = 4
        case 4: length = 16
        case 3: length = 1 + Int(buffer[4])
        default: return .failed(.failed(detail: "its answer has an address of no kind that there is"))
        }
        return buffer.count == 4 + length + 2 ? .established(rest: Array(rest)) : nil
    }

    /// RFC 1928 section 6.
    private static func failure(_ code: UInt8) -> ProxyFailure {
        switch code {
        case 1: .failed(detail: "it failed (general SOCKS server failure)")
        case 2: .forbidden(detail: "its rules do not allow it")
        case 3: .failed(detail: "the network is unreachable from it")
        case 4: .failed(detail: "the host is unreachable from it, or it does not find its name")
        case 5: .failed(detail: "the connection was refused there")
        case 6: .failed(detail: "the TTL expired")
        case 7: .failed(detail: "it does not know CONNECT")
        case 8: .failed(detail: "it does not know this type of address")
        default: .failed(detail: "it failed (code \(code))")
        }
    }
}
