import MPushModel
import Testing

/// URLs of proxies, and where none is used.
@Suite struct ProxyTests {
    @Test(arguments: [
        ("http://proxy.example.com:3128", "http://proxy.example.com:3128"),
        ("HTTPS://Proxy:8443/", "https://proxy:8443"),
        ("socks5://[2001:db8::1]:1080", "socks5://[2001:db8::1]:1080"),
        ("socks5h://127.0.0.1", "socks5://127.0.0.1:1080"),
        ("http://proxy", "http://proxy:80"), ("https://proxy", "https://proxy:443"),
    ])
    func aURLIsRead(text: String, shown: String) throws {
        let (url, user) = try ProxyURL.parse(text)
        #expect(url.description == shown && user == nil)
    }

    @Test func userAndPasswordComeApart() throws {
        let (url, user) = try ProxyURL.parse("http://al%40ice:p%3Aq@ss@proxy:3128")
        #expect(url.description == "http://proxy:3128")
        #expect(user?.name == "al@ice" && user?.password == SecretBytes(Array("p:q@ss".utf8)))
        #expect(try ProxyURL.parse("http://alice@proxy").user?.password.count == 0)
    }

    @Test(arguments: [
        "proxy:3128", "ftp://proxy", "http://", "http://proxy/path", "http://proxy:0", "http://pro xy",
        "http://a%zz@proxy",
        "http://proxy:3128?x", "socks4://proxy", "://", "",
    ])
    func whatIsNoneIsRefused(text: String) {
        #expect(throws: Misspelling.self) { _ = try ProxyURL.parse(text) }
    }

    @Test(arguments: [
        ("example.com", "example.com", true), ("example.com", "push.Example.com.", true),
        ("example.com", "badexample.com", false), (".example.com", "example.com", false),
        ("*.example.com", "a.b.example.com", true), ("localhost", "localhost", true),
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.128.0.0/9", "10.127.0.1", false),
        ("10.128.0.0/9", "10.200.0.1", true), ("0.0.0.0/0", "192.0.2.1", true), ("0.0.0.0/0", "2001:db8::1", false),
        ("10.0.0.0/8", "ten.example", false), ("192.0.2.7", "192.0.2.7", true), ("fd00::/8", "fd12::1", true),
        ("::1", "0:0:0:0:0:0:0:1", true), ("[::1]", "::1", true), ("::ffff:192.0.2.1", "::ffff:c000:201", true),
        ("*", "anything", true), ("example.com:443", "example.com", false), ("example.com:3443", "example.com", true),
        ("192.0.2.7:3443", "192.0.2.7", true),
    ])
    func anExceptionCoversWhatItNames(exception: String, host: String, isCovered: Bool) throws {
        #expect(try ProxyException(parsing: exception).covers(host, port: 3443) == isCovered)
    }

    @Test(arguments: ["", "10.0.0.0/33", "10.0.0/8", "exa mple", "-a", "1.2.3.4.5", "fd00::/129", "a/b", "..", "*."])
    func whatIsNoExceptionIsRefused(text: String) {
        #expect(throws: Misspelling.self) { _ = try ProxyException(parsing: text) }
    }
}
