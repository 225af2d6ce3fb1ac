/// Answers of servers, and requests to the local API, whole and in pieces, with what is commonly wrong with them.
enum HTTPSeeds {
    /// Of webhooks' servers.
    static let answers: @Sendable () -> [Seed] = {
        let bodies: [String: String] = [
            "ok": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            "no-content": "HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n",
            "retry-after": "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n",
            "redirect": "HTTP/1.1 302 Found\r\nLocation: https://other.example/\r\nContent-Length: 0\r\n\r\n",
            "chunked":
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nWiki\r\n5\r\npedia\r\n0\r\nT: x\r\n\r\n",
            "to-the-end": "HTTP/1.0 500 Oh\r\n\r\nall that follows",
            "early-hints": "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
            "switching": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n\u{1}\u{2}",
            "two-lengths": "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "huge-length": "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\nab",
            "huge-chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nab",
            "folded": "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nB : d\r\n\r\n",
            "two-answers": "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 No\r\n\r\n",
            "not-http": "220 mail.example ESMTP\r\n", "cut": "HTTP/1.1 200 OK\r\nContent-Le",
            "status-0": "HTTP/1.1 000 \r\n\r\n", "status-9999": "HTTP/1.1 9999 X\r\n\r\n",
        ]
        return bodies.flatMap { name, text in
            [Seed(name, [0, 1], text), Seed("\(name)-cut", [1, 0], text)]
        } + [
            Seed("flood-of-fields", [200, 2], "HTTP/1.1 200 OK\r\n" + String(repeating: "AA: bb\r\n", count: 130)),
            Seed("flood-of-body", [7, 3], "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1024)),
        ]
    }

    /// Of allocators.
    static let allocators: @Sendable () -> [Seed] = {
        func answer(_ body: String) -> String { "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)" }
        let texts = [
            "two": answer("192.0.2.7:3000,push.example.com:3443"), "ipv6": answer("[2001:db8::7]:3000, [::1]:1\n"),
            "nonsense": answer("nonsense,192.0.2.7,192.0.2.7:0,a:70000,,[::1:3,1.2.3.4.:5"),
            "html": answer("<html><body>502 Bad Gateway</body></html>"), "nul": answer("a\u{0}b:1,ä.example:2"),
            "empty": answer(""), "not-found": "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            "many": answer((1...90).map { "h\($0):\($0)" }.joined(separator: ",")),
            "bom": answer("\u{FEFF}192.0.2.7:3000"), "no-length": "HTTP/1.1 200 OK\r\n\r\n192.0.2.7:3000",
        ]
        return texts.map { Seed($0, [13, 0], $1) }
    }

    /// Of clients of the local API.
    static let requests: @Sendable () -> [Seed] = {
        let push = #"{"content":"hello","identity":"alice","await_ack":true}"#
        func post(_ path: String, _ body: String) -> String {
            "POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        func get(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n" }
        let texts = [
            "status": get("/v1/status"), "head": "HEAD /v1/status HTTP/1.1\r\nHost: x\r\n\r\n",
            "messages": get("/v1/messages?after=1&limit=10&order=newest&identity=a%20b"),
            "follow": get("/v1/messages/follow?consumer=c&from=oldest&window=7"),
            "events": get("/v1/events/follow?after=7"),
            "push": post("/v1/push", push), "bad-json": post("/v1/push", "{\"content\":"),
            "http": post("/v1/http", #"{"url":"http://a/","method":"POST","headers":{"A":"b"},"body":"x"}"#),
            "bind": post("/v1/bind", #"{"user":"bob","tags":["a"],"identity":"alice"}"#),
            "ack": post("/v1/consumers/c/acks", #"{"position":7}"#), "pause": post("/v1/pause", ""),
            "remove": "DELETE /v1/consumers/c HTTP/1.1\r\nHost: x\r\n\r\n",
            "chunked": "POST /v1/push HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
                + "10\r\n{\"content\":\"aaa\"\r\n1\r\n}\r\n0\r\n\r\n",
            "two": get("/healthz") + get("/metrics"),
            "old": "GET /v1/status HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "upgrade": "GET /v1/status HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\nmore",
            "connect": "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nmore", "absolute": get("http://x/v1/status#a"),
            "nothing-there": get("/v1/%zz"), "not-http": "\u{16}\u{3}\u{1}",
            "two-lengths":
                "POST /v1/push HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "too-long": "POST /v1/push HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
            "large-head": "GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 9000) + "\r\n\r\n",
        ]
        return texts.flatMap { name, text in [Seed(name, [0, 0], text), Seed("\(name)-cut", [3, 6], text)] }
    }
}

extension Seed {
    fileprivate init(_ name: String, _ options: [UInt8], _ text: String) {
        self.init(name: name, bytes: options + Array(text.utf8))
    }
}
