import MPushConfiguration
import MPushModel
import Testing

@Suite struct EndpointTests {
    @Test(arguments: [
        ("push.example.com:3443", "push.example.com", HostKind.name, 3443),
        ("PUSH.example.com:1", "push.example.com", .name, 1),
        ("push.example.com.:1", "push.example.com.", .name, 1),
        ("localhost:65535", "localhost", .name, 65_535), ("a_b-c.d1:80", "a_b-c.d1", .name, 80),
        ("3com.example:80", "3com.example", .name, 80),
        ("192.0.2.7:3443", "192.0.2.7", .ipv4, 3443), ("[2001:db8::7]:3443", "2001:db8::7", .ipv6, 3443),
        ("[::]:1", "::", .ipv6, 1), ("[::1]:1", "::1", .ipv6, 1), ("[1::]:1", "1::", .ipv6, 1),
        ("[1:2:3:4:5:6:7:8]:1", "1:2:3:4:5:6:7:8", .ipv6, 1), ("[1:2:3:4:5:6:7::]:1", "1:2:3:4:5:6:7::", .ipv6, 1),
        ("[::ffff:192.0.2.7]:1", "::ffff:192.0.2.7", .ipv6, 1),
        ("[1:2:3:4:5:6:192.0.2.7]:1", "1:2:3:4:5:6:192.0.2.7", .ipv6, 1),
        ("[2001:DB8::A]:1", "2001:db8::a", .ipv6, 1),
    ])
    func isRead(text: String, host: String, kind: HostKind, port: UInt16) throws {
        let endpoint = try Endpoint(parsing: text)
        #expect(endpoint.host == host)
        #expect(endpoint.kind == kind)
        #expect(endpoint.port == port)
        #expect(endpoint.description == text.lowercased())
    }

    @Test(arguments: [
        ("tcp://push.example.com:3443", "is not an endpoint, but a URL. Write host:port"),
        ("push.example.com..:1", "is not an endpoint: \"push.example.com..\" is not a host name or an IP address"),
        (".:1", "is not an endpoint: \".\" is not a host name or an IP address"),
        (
            "m\u{FC}nchen.example:1",
            "is not an endpoint: \"m\u{FC}nchen.example\" is not a host name or an IP address. Write an international name in "
                + "its ASCII form (punycode, xn--…), as `idn2 NAME` prints it"
        ),
        ("push.example.com", "has no port. Write push.example.com:3443, with the port of your server"),
        ("[2001:db8::7]", "has no port. Write [2001:db8::7]:3443, with the port of your server"),
        ("2001:db8::7", "is not an endpoint: an IPv6 address needs brackets. Write [2001:db8::7]:3443"),
        ("2001:db8::7:zz", "is not an endpoint: an IPv6 address needs brackets. Write [2001:db8::7]:3443"),
        ("a:0", "is not an endpoint: the port must be a number from 1 to 65535"),
        ("a:65536", "is not an endpoint: the port must be a number from 1 to 65535"),
        ("a:+80", "is not an endpoint: the port must be a number from 1 to 65535"),
        ("a:080", "is not an endpoint: the port must be a number from 1 to 65535"),
        ("a:", "is not an endpoint: the port must be a number from 1 to 65535"),
        ("192.0.2.300:80", "is not an endpoint: \"192.0.2.300\" is not a host name or an IP address"),
        ("[fe80::1%eth0]:80", "is not an endpoint: \"fe80::1%eth0\" is not an IPv6 address"),
        (":80", "is not an endpoint: \"\" is not a host name or an IP address"),
    ])
    func isCorrected(text: String, message: String) {
        #expect(throws: Misspelling(message)) { try Endpoint(parsing: text) }
    }

    @Test(arguments: [
        "", ":", "a b:80", "-a:80", "a-:80", "a..b:80", ".a:80", "1.2.3:80", "01.2.3.4:80", "1.2.3.4.5:80",
        "a/b:80",
        "user@host:80", "ä.example:80", "[]:80", "[::1:80", "::1]:80", "[:::]:80", "[1::2::3]:80", "[1:2:3:4:5:6:7]:80",
        "[1:2:3:4:5:6:7:8:9]:80", "[1:2:3:4:5:6:7:8::]:80", "[::12345]:80", "[::g]:80", "[1.2.3.4::]:80",
        "[::1.2.3]:80",
        "[:1]:80", "[1:]:80", "[1:2:3:4:5:6:7:1.2.3.4]:80", "[192.0.2.7]:80", "[a]:80", "a\u{0}:80", "a:８０",
        String(repeating: "a", count: 64) + ":80", String(repeating: "a.", count: 127) + "a:80",
    ])
    func isRefused(text: String) {
        #expect(throws: Misspelling.self) { try Endpoint(parsing: text) }
    }
}
