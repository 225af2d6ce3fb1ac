package import MPushModel

/// Asks a proxy for a tunnel to a server: CONNECT (RFC 9110 section 9.3.6), or SOCKS 5 (RFC 1928). A pure value: the bytes
/// that came in, the bytes to send out. What it keeps of an answer is bounded; nothing that a proxy sends traps.
///
/// Order of calls: `start` once, then `received` until it is `established` or `failed`, or `closed`.
package struct ProxyHandshake: Sendable {
    /// Where the tunnel is to lead.
    package struct Target: Sendable {
        package let host: String
        package let kind: HostKind
        package let port: UInt16

        package init(host: String, kind: HostKind, port: UInt16) {
            // The final dot is for our own resolver; a proxy may not know it.
            self.host = host.hasSuffix(".") ? String(host.dropLast()) : host
            self.kind = kind
            self.port = port
        }
    }

    /// Who we are there.
    package struct User: Equatable, Sendable {
        package let name: String
        package let password: SecretBytes

        package init(name: String, password: SecretBytes) {
            self.name = name
            self.password = password
        }
    }

    /// What follows from what came.
    package enum Step: Equatable, Sendable {
        /// More has to come.
        case wait
        case send([UInt8])
        /// The tunnel is there. The rest is the server's.
        case established(rest: [UInt8])
        case failed(ProxyFailure)
    }

    private enum Machine: Sendable {
        case connect(HTTPConnect)
        case socks(SOCKSHandshake)
        case ended
    }

    private var machine: Machine

    package init(_ scheme: ProxyURL.Scheme, to target: Target, as user: User?) {
        machine =
            switch scheme {
            case .http, .https: .connect(HTTPConnect(to: target, as: user))
            case .socks5: .socks(SOCKSHandshake(to: target, as: user))
            }
    }

    /// What is sent first.
    package var opening: [UInt8] {
        switch machine {
        case .connect(let connect): connect.request
        case .socks(let socks): socks.greeting
        case .ended: []
        }
    }

    /// Bytes came.
    package mutating func received(_ bytes: [UInt8]) -> Step {
        let step: Step
        switch machine {
        case .connect(var connect):
            step = connect.received(bytes)
            machine = .connect(connect)
        case .socks(var socks):
            step = socks.received(bytes)
            machine = .socks(socks)
        case .ended: return .wait
        }
        switch step {
        case .wait, .send: break
        case .established, .failed: machine = .ended
        }
        return step
    }

    /// The connection ended before there was a tunnel.
    package func closed(_ reason: String?) -> ProxyFailure {
        let when =
            switch machine {
            case .socks(let socks) where socks.isAuthenticating: "it closed instead of accepting the password"
            case .connect, .socks, .ended: "it closed before it answered: it may be no \(kind) proxy"
            }
        return .failed(detail: reason.map { "\(when) (\($0))" } ?? when)
    }

    private var kind: String {
        switch machine {
        case .connect: "HTTP"
        case .socks, .ended: "SOCKS 5"
        }
    }
}

/// CONNECT over HTTP/1.1.
struct HTTPConnect: Sendable {
    /// Of the head of an answer, with all that came before it.
    static let longestHead = 16 << 10

    let request: [UInt8]
    private var head: [UInt8] = []
    private var total = 0

    init(to target: ProxyHandshake.Target, as user: ProxyHandshake.User?) {
        let host = target.kind == .ipv6 ? "[\(target.host)]" : target.host
        var text = "CONNECT \(host):\(target.port) HTTP/1.1\r\nHost: \(host):\(target.port)\r\nUser-Agent: mpushd\r\n"
        if let user {
            let login = Base64.encode(Array(user.name.utf8) + [UInt8(ascii: ":")] + user.password.exposed)
            text += "Proxy-Authorization: Basic \(login)\r\n"
        }
        request = Array((text + "\r\n").utf8)
    }

    mutating func received(_ bytes: [UInt8]) -> ProxyHandshake.Step {
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            head.append(byte)
            total += 1
            guard isHTTP else { return .failed(.failed(detail: "what it answers is not HTTP (\(shownHead))")) }
            guard total <= HTTPConnect.longestHead else {
                return .failed(
                    .failed(detail: "the head of its answer is longer than \(HTTPConnect.longestHead) bytes"))
            }
            guard byte == 0x0A, head.suffix(2) == [0x0A, 0x0A] || head.suffix(4) == [0x0D, 0x0A, 0x0D, 0x0A] else {
                continue
            }
            if let step = answered(rest: rest) { return step }
            head = []
        }
        return .wait
    }

    /// As far as it can be seen.
    private var isHTTP: Bool {
        let start = Array("HTTP/1.".utf8)
        return head.prefix(start.count).elementsEqual(start.prefix(head.count))
    }

    private var shownHead: String { String(decoding: head.prefix(32), as: UTF8.self).quoted }

    /// Nil for an interim answer (RFC 9110 section 15.2), after which another comes.
    private func answered(rest: ArraySlice<UInt8>) -> ProxyHandshake.Step? {
        let lines = head.split(omittingEmptySubsequences: true) { $0 == 0x0A || $0 == 0x0D }
            .map { String(decoding: $0, as: UTF8.self) }
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2).map(String.init)
        guard words.count >= 2, words[1].utf8.count == 3, words[1].utf8.allSatisfy(\.isDigit),
            let status = Int(words[1])
        else { return .failed(.failed(detail: "what it answers is not HTTP (\(shownHead))")) }
        let said = "it answered \(words.dropFirst().joined(separator: " ").shown(atMost: 200))"
        switch status {
        case 100..<200: return nil
        case 200..<300: return .established(rest: Array(rest))
        // tinyproxy answers a wrong password with 401.
        case 401, 407: return .failed(.authentication(detail: said + wanted(lines)))
        case 402..<500: return .failed(.forbidden(detail: said))
        default: return .failed(.failed(detail: said))
        }
    }

    /// How it wants to be told who we are (RFC 9110 section 11.7.1).
    private func wanted(_ lines: [String]) -> String {
        let schemes = lines.filter { $0.lowercased().hasPrefix("proxy-authenticate:") }.prefix(8).compactMap { line in
            line.dropFirst("proxy-authenticate:".count).split(separator: " ").first.map { $0.prefix(20) }
        }
        return schemes.isEmpty ? "" : ", and wants \(schemes.joined(separator: ", ").shown(atMost: 100))"
    }
}
