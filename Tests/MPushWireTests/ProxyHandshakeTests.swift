import MPushModel
import MPushWire
import Testing

/// CONNECT and SOCKS 5, as both sides put it on the wire, cut anywhere, and wrong in every way that there is.
@Suite struct ProxyHandshakeTests {
    private static let name = ProxyHandshake.Target(host: "push.example.com.", kind: .name, port: 3443)
    private static let user = ProxyHandshake.User(name: "mpushd", password: SecretBytes(Array("s3cret".utf8)))

    /// What is told in the end, and all that was sent on the way.
    private func play(
        _ scheme: ProxyURL.Scheme, to target: ProxyHandshake.Target = name, as user: ProxyHandshake.User? = nil,
        _ answers: [[UInt8]]
    ) -> (sent: [[UInt8]], end: ProxyHandshake.Step) {
        var handshake = ProxyHandshake(scheme, to: target, as: user)
        var sent = [handshake.opening]
        for answer in answers {
            switch handshake.received(answer) {
            case .wait: break
            case .send(let bytes): sent.append(bytes)
            case .established(let rest): return (sent, .established(rest: rest))
            case .failed(let failure): return (sent, .failed(failure))
            }
        }
        return (sent, .wait)
    }

    private func connect(_ answer: String) -> ProxyHandshake.Step { play(.http, [Array(answer.utf8)]).end }

    private func failure(_ step: ProxyHandshake.Step) -> ProxyFailure? {
        if case .failed(let failure) = step { failure } else { nil }
    }

    // MARK: - CONNECT

    @Test func connectNamesTheServerAndWhoWeAre() {
        let plain = play(.http, []).sent.first.map { String(decoding: $0, as: UTF8.self) }
        #expect(
            plain
                == "CONNECT push.example.com:3443 HTTP/1.1\r\nHost: push.example.com:3443\r\nUser-Agent: mpushd\r\n\r\n"
        )
        let known = play(.https, as: Self.user, []).sent.first.map { String(decoding: $0, as: UTF8.self) }
        #expect(known?.contains("\r\nProxy-Authorization: Basic bXB1c2hkOnMzY3JldA==\r\n") == true)
        let v6 = ProxyHandshake.Target(host: "2001:db8::7", kind: .ipv6, port: 443)
        let bracketed = play(.http, to: v6, []).sent.first.map { String(decoding: $0, as: UTF8.self) }
        #expect(bracketed?.hasPrefix("CONNECT [2001:db8::7]:443 HTTP/1.1\r\n") == true)
    }

    @Test func anAnswerMayBeCutAnywhere() {
        let answer = Array(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 Connection established\r\nVia: x\r\n\r\nrest".utf8)
        for cut in 0...answer.count {
            let end = play(.http, [Array(answer[..<cut]), Array(answer[cut...])]).end
            guard case .established(let rest) = end else {
                Issue.record("cut at \(cut): \(end)")
                continue
            }
            #expect(Array("rest".utf8).starts(with: rest))
        }
        #expect(play(.http, answer.map { [$0] }).end == .established(rest: []))
    }

    @Test(arguments: [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM x\r\n\r\n",
            ProxyFailure.authentication(
                detail: "it answered 407 Proxy Authentication Required, and wants Negotiate, NTLM")
        ),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", .forbidden(detail: "it answered 403 Forbidden")),
        ("HTTP/1.1 401 Unauthorized\r\n\r\n", .authentication(detail: "it answered 401 Unauthorized")),
        ("HTTP/1.0 405 \r\n\r\n", .forbidden(detail: "it answered 405")),
        ("HTTP/1.1 503 Service Unavailable\n\n", .failed(detail: "it answered 503 Service Unavailable")),
        ("HTTP/1.1 500\r\n\r\n", .failed(detail: "it answered 500")),
        ("SSH-2.0-OpenSSH\r\n", .failed(detail: "what it answers is not HTTP (\"S\")")),
        ("HTTP/1.1 abc\r\n\r\n", .failed(detail: "what it answers is not HTTP (\"HTTP/1.1 abc\\r\\n\\r\\n\")")),
    ])
    func aRefusalIsOfOneKind(answer: String, expected: ProxyFailure) {
        #expect(failure(connect(answer)) == expected)
    }

    @Test func aHeadIsBounded() {
        #expect(connect("HTTP/1.1 200 " + String(repeating: "x", count: 16_000)) == .wait)
        let long = connect("HTTP/1.1 200 " + String(repeating: "x", count: 17_000))
        #expect(failure(long) == .failed(detail: "the head of its answer is longer than 16384 bytes"))
        let interim = connect(String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 1000))
        #expect(failure(interim) != nil)
    }

    // MARK: - SOCKS 5

    @Test func aNameGoesToTheProxyAsItIs() {
        let (sent, end) = play(.socks5, [[5, 0], [5, 0, 0, 1, 127, 0, 0, 1, 0x1F, 0x90]])
        #expect(sent.first == [5, 1, 0])
        #expect(sent.last == [5, 1, 0, 3, 16] + Array("push.example.com".utf8) + [0x0D, 0x73])
        #expect(end == .established(rest: []))
    }

    @Test func addressesGoAsBytes() {
        let v4 = ProxyHandshake.Target(host: "192.0.2.7", kind: .ipv4, port: 1)
        #expect(play(.socks5, to: v4, [[5, 0]]).sent.last == [5, 1, 0, 1, 192, 0, 2, 7, 0, 1])
        let v6 = ProxyHandshake.Target(host: "2001:db8::7", kind: .ipv6, port: 0xFFFF)
        let bytes: [UInt8] = [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]
        #expect(play(.socks5, to: v6, [[5, 0]]).sent.last == [5, 1, 0, 4] + bytes + [0xFF, 0xFF])
    }

    @Test func userAndPasswordAreToldWhereTheyAreAsked() {
        let (sent, end) = play(.socks5, as: Self.user, [[5, 2], [1, 0], [5, 0, 0, 3, 1, 0x61, 0, 0]])
        #expect(sent[0] == [5, 2, 0, 2])
        #expect(sent[1] == [1, 6] + Array("mpushd".utf8) + [6] + Array("s3cret".utf8))
        #expect(end == .established(rest: []))
        #expect(play(.socks5, as: Self.user, [[5, 0]]).sent.count == 2)
    }

    @Test func aReplyMayBeCutAnywhere() {
        let reply: [UInt8] = [5, 0, 0, 4] + [UInt8](repeating: 9, count: 18) + [0x78]
        for cut in 0...reply.count {
            let end = play(.socks5, [[5], [0], Array(reply[..<cut]), Array(reply[cut...])]).end
            guard case .established = end else {
                Issue.record("cut at \(cut): \(end)")
                continue
            }
        }
    }

    @Test(
        arguments: [
            (
                [[5, 0xFF]],
                ProxyFailure.authentication(detail: "it wants a user and a password, and none are configured")
            ),
            ([[5, 2]], .authentication(detail: "it wants what was not offered (method 2)")),
            ([[5, 0], [5, 2]], .forbidden(detail: "its rules do not allow it")),
            ([[5, 0], [5, 5, 0, 1]], .failed(detail: "the connection was refused there")),
            ([[5, 0], [5, 0, 0, 9, 0]], .failed(detail: "its answer has an address of no kind that there is")),
            ([[5, 0], [4, 0]], .failed(detail: "what it answers is not SOCKS 5")),
            ([[0x48]], .failed(detail: "what it answers is not SOCKS 5: it may be an HTTP proxy")),
            ([[5, 0, 0]], .failed(detail: "it sends more than it was asked for: it may be no SOCKS 5 proxy")),
        ] as [([[UInt8]], ProxyFailure)])
    func aSOCKSProxyThatRefusesIsSaid(answers: [[UInt8]], expected: ProxyFailure) {
        #expect(failure(play(.socks5, answers).end) == expected)
    }

    @Test func awrongPasswordIsSaid() {
        let end = play(.socks5, as: Self.user, [[5, 2], [1, 1]]).end
        #expect(failure(end) == .authentication(detail: "it refuses the user or the password"))
    }

    /// What a proxy sends never traps, and nothing comes after the end.
    @Test func anyBytesAreTaken() {
        var generator = SplitMix64(seed: 7)
        for _ in 0..<2000 {
            let scheme = ProxyURL.Scheme.allCases.randomElement(using: &generator) ?? .http
            var handshake = ProxyHandshake(scheme, to: Self.name, as: Bool.random(using: &generator) ? Self.user : nil)
            var hasEnded = false
            for _ in 0..<20 {
                let prefixes: [[UInt8]] = [[5, 0], [5, 2], [1, 0], Array("HTTP/1.1 2".utf8), []]
                let bytes =
                    (prefixes.randomElement(using: &generator) ?? [])
                    + (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
                        UInt8.random(in: 0...255, using: &generator)
                    }
                let step = handshake.received(bytes)
                if hasEnded { #expect(step == .wait) }
                switch step {
                case .established, .failed: hasEnded = true
                case .wait, .send: break
                }
            }
        }
    }

    @Test func aCloseIsToldApart() {
        var socks = ProxyHandshake(.socks5, to: Self.name, as: Self.user)
        #expect(socks.closed(nil) == .failed(detail: "it closed before it answered: it may be no SOCKS 5 proxy"))
        _ = socks.received([5, 2])
        #expect(socks.closed("reset") == .failed(detail: "it closed instead of accepting the password (reset)"))
        let connect = ProxyHandshake(.http, to: Self.name, as: nil)
        #expect(connect.closed(nil) == .failed(detail: "it closed before it answered: it may be no HTTP proxy"))
    }
}
