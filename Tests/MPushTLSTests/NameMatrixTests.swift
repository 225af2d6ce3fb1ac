import MPushModel
import MPushSimulator
import MPushTLS
import Testing

/// The names of certificates after RFC 9525 and RFC 5280 section 4.2.1.6, each judged by us and by `openssl verify`.
@Suite struct NameMatrixTests {
    /// One name of a subjectAltName, in DER.
    enum Name: Sendable {
        case host(String)
        case bytes([UInt8])
        case address([UInt8])
        case mailbox(String)
        case location(String)
        /// An otherName with a UTF8String.
        case other(String)
        case registered
        case directory

        var encoded: [UInt8] {
            switch self {
            case .host(let text): Self.value(0x82, Array(text.utf8))
            case .bytes(let bytes): Self.value(0x82, bytes)
            case .address(let bytes): Self.value(0x87, bytes)
            case .mailbox(let text): Self.value(0x81, Array(text.utf8))
            case .location(let text): Self.value(0x86, Array(text.utf8))
            case .other(let text):
                // The user principal name of a directory (1.3.6.1.4.1.311.20.2.3).
                Self.value(
                    0xA0,
                    [0x06, 0x0A, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x14, 0x02, 0x03]
                        + Self.value(0xA0, Self.value(0x0C, Array(text.utf8))))
            case .registered: Self.value(0x88, [0x2A, 0x03])
            case .directory:
                Self.value(
                    0xA4,
                    Self.value(
                        0x30,
                        Self.value(
                            0x31, Self.value(0x30, [0x06, 0x03, 0x55, 0x04, 0x03] + Self.value(0x0C, Array("x".utf8)))))
                )
            }
        }

        static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
            let length: [UInt8] =
                switch content.count {
                case ..<128: [UInt8(content.count)]
                case ..<256: [0x81, UInt8(content.count)]
                default: [0x82, UInt8(content.count >> 8), UInt8(content.count & 0xFF)]
                }
            return [tag] + length + content
        }
    }

    /// A certificate and a name that it is looked at for.
    struct Case: Sendable, CustomTestStringConvertible {
        let what: String
        var commonName = "holder"
        /// Nil for no subjectAltName at all.
        let names: [Name]?
        var wanted = "push.example.com"
        let isGood: Bool
        /// Where OpenSSL's program sees it otherwise: it lets the common name count.
        var isGoodToOpenSSL: Bool?

        var testDescription: String { what }
    }

    static let hosts: [Case] = [
        Case(what: "exact", names: [.host("push.example.com")], isGood: true),
        Case(what: "other case", names: [.host("PUSH.Example.COM")], isGood: true),
        Case(
            what: "wanted in other case", names: [.host("push.example.com")], wanted: "PUSH.example.com", isGood: true),
        Case(what: "second name", names: [.host("a.example.com"), .host("push.example.com")], isGood: true),
        Case(
            what: "last of 101 names",
            names: (0..<100).map { .host("h\($0).example.com") } + [.host("push.example.com")],
            isGood: true),
        Case(what: "another", names: [.host("other.example.com")], isGood: false),
        Case(what: "domain of it", names: [.host("example.com")], isGood: false),
        Case(what: "suffix of it", names: [.host("ush.example.com")], isGood: false),
        Case(what: "host below", names: [.host("a.push.example.com")], isGood: false),
        Case(what: "final dot in the certificate", names: [.host("push.example.com.")], isGood: false),
        Case(what: "leading dot", names: [.host(".example.com")], isGood: false),
        Case(what: "empty", names: [.host("")], isGood: false),
        Case(what: "space behind", names: [.host("push.example.com ")], isGood: false),
        Case(what: "line end behind", names: [.host("push.example.com\n")], isGood: false),
        Case(what: "single label", names: [.host("localhost")], wanted: "localhost", isGood: true),
        Case(what: "underscore", names: [.host("push_1.example.com")], wanted: "push_1.example.com", isGood: true),
        Case(what: "NUL and another domain", names: [.host("push.example.com\0.evil.com")], isGood: false),
        Case(what: "NUL behind", names: [.host("push.example.com\0")], isGood: false),
        Case(what: "NUL in front", names: [.host("\0push.example.com")], isGood: false),
        Case(what: "wildcard", names: [.host("*.example.com")], isGood: true),
        Case(
            what: "wildcard over two labels", names: [.host("*.example.com")], wanted: "a.b.example.com", isGood: false),
        Case(what: "wildcard without a label", names: [.host("*.example.com")], wanted: "example.com", isGood: false),
        Case(what: "wildcard alone", names: [.host("*")], wanted: "localhost", isGood: false),
        Case(what: "wildcard of a top domain", names: [.host("*.com")], wanted: "example.com", isGood: false),
        Case(what: "two wildcards", names: [.host("*.*.example.com")], wanted: "a.b.example.com", isGood: false),
        Case(what: "wildcard in the middle", names: [.host("push.*.com")], isGood: false),
        Case(what: "wildcard behind letters", names: [.host("p*.example.com")], isGood: false, isGoodToOpenSSL: true),
        Case(what: "wildcard before letters", names: [.host("*h.example.com")], isGood: false, isGoodToOpenSSL: true),
        Case(what: "wildcard between", names: [.host("p*h.example.com")], isGood: false),
        Case(what: "IDN", names: [.host("xn--bcher-kva.example")], wanted: "xn--bcher-kva.example", isGood: true),
        Case(
            what: "wildcard for an IDN label", names: [.host("*.example.com")], wanted: "xn--bcher-kva.example.com",
            isGood: true),
        Case(
            what: "wildcard inside an IDN label", names: [.host("xn--*.example.com")], wanted: "xn--abc.example.com",
            isGood: false),
        Case(
            what: "IDN in UTF-8", names: [.host("b\u{FC}cher.example")], wanted: "xn--bcher-kva.example", isGood: false),
        Case(what: "bytes that are no text", names: [.bytes([0xFF, 0xFE])], isGood: false),
    ]

    static let kinds: [Case] = [
        Case(
            what: "common name alone", commonName: "push.example.com", names: nil, isGood: false, isGoodToOpenSSL: true),
        Case(
            what: "common name with a wildcard", commonName: "*.example.com", names: nil, isGood: false,
            isGoodToOpenSSL: true),
        Case(
            what: "common name beside an address", commonName: "push.example.com", names: [.address([192, 0, 2, 1])],
            isGood: false, isGoodToOpenSSL: true),
        Case(
            what: "common name beside a mailbox", commonName: "push.example.com", names: [.mailbox("a@example.com")],
            isGood: false, isGoodToOpenSSL: true),
        Case(
            what: "common name beside an otherName", commonName: "push.example.com", names: [.other("x")],
            isGood: false,
            isGoodToOpenSSL: true),
        Case(
            what: "common name beside another host", commonName: "push.example.com", names: [.host("a.example.com")],
            isGood: false),
        Case(what: "address as a common name", commonName: "192.0.2.7", names: nil, wanted: "192.0.2.7", isGood: false),
        Case(what: "location", names: [.location("https://push.example.com/")], isGood: false),
        Case(what: "mailbox", names: [.mailbox("push.example.com")], isGood: false),
        Case(what: "otherName", names: [.other("push.example.com")], isGood: false),
        Case(what: "registeredID", names: [.registered], isGood: false),
        Case(what: "directoryName", names: [.directory], isGood: false),
        Case(what: "otherName beside", names: [.other("a@b"), .host("push.example.com")], isGood: true),
        Case(what: "registeredID beside", names: [.registered, .host("push.example.com")], isGood: true),
        Case(what: "directoryName beside", names: [.directory, .host("push.example.com")], isGood: true),
        Case(what: "otherName beside another", names: [.other("a@b"), .host("a.example.com")], isGood: false),
        Case(what: "registeredID beside another", names: [.registered, .host("a.example.com")], isGood: false),
    ]

    static let addresses: [Case] = [
        Case(what: "IPv4", names: [.address([192, 0, 2, 7])], wanted: "192.0.2.7", isGood: true),
        Case(what: "another IPv4", names: [.address([192, 0, 2, 8])], wanted: "192.0.2.7", isGood: false),
        Case(what: "IPv4 as a host name", names: [.host("192.0.2.7")], wanted: "192.0.2.7", isGood: false),
        Case(what: "wildcard for an IPv4", names: [.host("*.0.2.7")], wanted: "192.0.2.7", isGood: false),
        Case(what: "network", names: [.address([192, 0, 2, 0, 255, 255, 255, 0])], wanted: "192.0.2.7", isGood: false),
        Case(what: "five bytes", names: [.address([192, 0, 2, 7, 0])], wanted: "192.0.2.7", isGood: false),
        Case(what: "no bytes", names: [.address([])], wanted: "192.0.2.7", isGood: false),
        Case(
            what: "IPv4 in IPv6", names: [.address([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 7])],
            wanted: "192.0.2.7", isGood: false),
        Case(
            what: "IPv6", names: [.address([0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7])],
            wanted: "2001:DB8:0::7", isGood: true),
        Case(
            what: "another IPv6", names: [.address([0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8])],
            wanted: "2001:db8::7", isGood: false),
        Case(what: "host for an address", names: [.host("push.example.com")], wanted: "192.0.2.7", isGood: false),
        Case(what: "address for a host", names: [.address([192, 0, 2, 7])], isGood: false),
    ]

    @Test(arguments: hosts + kinds + addresses)
    func namesAreJudgedAsTheRFCsSay(_ example: Case) throws {
        let authorities = try TestAuthorities()
        var template = CertificateTemplate.leaf(named: example.commonName, alternativeNames: "")
        if let names = example.names {
            template.extensions.append(.init("subjectAltName", der: Name.value(0x30, names.flatMap(\.encoded))))
        }
        let certificate = try authorities.root.issue(template)
        let pair = try EnginePair(
            client: authorities.client(), server: authorities.server(certificate: certificate), name: example.wanted)
        pair.run()
        #expect((pair.clientInfo != nil) == example.isGood, "\(pair.clientFailure.debugDescription)")
        if !example.isGood { #expect(pair.clientFailure?.code == "wrong-host") }
        let isAddress = if case .address = try TLSPeerName(example.wanted) { true } else { false }
        let second = OpenSSLVerdict(
            chain: certificate.chainPEM, authorities: authorities.root.certificatePEM, name: example.wanted,
            isAddress: isAddress)
        #expect(try second.isAccepted() == example.isGoodToOpenSSL ?? example.isGood)
    }
}
