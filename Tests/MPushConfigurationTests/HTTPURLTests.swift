import MPushConfiguration
import MPushModel
import Testing

@Suite struct HTTPURLTests {
    @Test(arguments: [
        ("https://push.example.com", "push.example.com", 443, "/", "push.example.com"),
        ("http://push.example.com/", "push.example.com", 80, "/", "push.example.com"),
        ("HTTP://Push.example.com:9999/a/b?c=d&e", "push.example.com", 9999, "/a/b?c=d&e", "push.example.com:9999"),
        ("https://push.example.com?x", "push.example.com", 443, "/?x", "push.example.com"),
        ("http://192.0.2.7:8080/x", "192.0.2.7", 8080, "/x", "192.0.2.7:8080"),
        ("http://192.0.2.7", "192.0.2.7", 80, "/", "192.0.2.7"),
        ("http://[2001:db8::7]/x", "2001:db8::7", 80, "/x", "[2001:db8::7]"),
        ("http://[2001:db8::7]:81/x", "2001:db8::7", 81, "/x", "[2001:db8::7]:81"),
        ("https://h:443/", "h", 443, "/", "h"),
        ("https://push.example.com.:81/", "push.example.com.", 81, "/", "push.example.com:81"),
    ])
    func isRead(text: String, host: String, port: UInt16, target: String, field: String) throws {
        let url = try HTTPURL(parsing: text)
        #expect((url.host, url.port, url.target, url.hostField) == (host, port, target, field))
        #expect(try HTTPURL(parsing: url.description) == url)
    }

    @Test(arguments: [
        "", "push.example.com", "ftp://a", "https://", "https:///x", "https://a:0/", "https://a:/", "https://a:b/",
        "https://a b/",
        "https://u:p@a/", "https://a/#x", "https://a/ä", "https://a/\r\nX: y", "https://2001:db8::7/", "https://[::1/",
        "://a",
        "https://a/" + String(repeating: "x", count: 2048),
    ])
    func isRefused(text: String) {
        #expect(throws: Misspelling.self) { try HTTPURL(parsing: text) }
    }
}
