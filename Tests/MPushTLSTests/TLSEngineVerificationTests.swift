import MPushModel
import MPushSimulator
import MPushTLS
import NIOCore
import Testing

@Suite struct TLSEngineVerificationTests {
    private let authorities: TestAuthorities

    init() throws {
        authorities = try TestAuthorities()
    }

    private func clientFailure(
        client: TLSContext? = nil, server: TLSContext, name: String = "push.example.com"
    ) throws -> TLSFailure? {
        let pair = try EnginePair(client: client ?? authorities.client(), server: server, name: name)
        pair.run()
        #expect((pair.clientInfo == nil) == (pair.clientFailure != nil))
        return pair.clientFailure
    }

    @Test(arguments: [
        ("push.example.com", ["push.example.com"]), ("push.example.com.", ["push.example.com"]),
        ("PUSH.example.COM", ["push.example.com"]), ("push.example.com", ["other.example.com", "*.example.com"]),
        ("127.0.0.1", ["127.0.0.1"]), ("::1", ["::1"]), ("fe80::1%eth0", ["fe80::1"]),
    ])
    func acceptsAGoodCertificate(name: String, names: [String]) throws {
        #expect(try clientFailure(server: authorities.server(names: names), name: name) == nil)
    }

    @Test(arguments: [
        ("push.example.com", ["other.example.com"]), ("push.example.com", ["p*.example.com"]),
        ("a.push.example.com", ["*.example.com"]), ("example.com", ["*.example.com"]), ("127.0.0.1", ["127.0.0.2"]),
        ("127.0.0.1", ["localhost"]), ("::1", ["::2"]),
    ])
    func refusesAnotherHost(name: String, names: [String]) throws {
        guard case .wrongHost(let detail) = try clientFailure(server: authorities.server(names: names), name: name)
        else {
            Issue.record("not refused")
            return
        }
        #expect(detail.contains("not for \(name)"))
        let isRiddle = (name.first == "1") != (names[0].first == "1")
        #expect(detail.contains("good for \(isRiddle ? "the host name " : "")\(names[0])"))
    }

    /// Names of other kinds are other structs in OpenSSL's union: a text made of one would be made of foreign memory, and
    /// before anybody was authenticated, for the signature is checked later than the name.
    @Test(arguments: [
        "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:someone@example.com", "otherName:1.2.3;NULL:", "RID:1.2.3.4",
        "email:someone@example.com", "URI:https://push.example.com/", "otherName:1.2.3;BOOL:TRUE",
        "email:push.example.com,URI:push.example.com,RID:1.2,otherName:1.2.3;IA5:push.example.com",
    ])
    func readsNoNameOfAnotherKind(names: String) throws {
        for shown in ["", ",DNS:other.example.com"] {
            let certificate = try authorities.root.issue(.leaf(named: "A", alternativeNames: names + shown))
            guard case .wrongHost(let detail) = try clientFailure(server: authorities.server(certificate: certificate))
            else {
                Issue.record("not refused: \(names)")
                return
            }
            let good = "CN=A, issued by Example CA, good for other.example.com, not for push.example.com"
            let none =
                "CN=A, issued by Example CA, not for push.example.com: it has no subjectAltName with a host or address"
            #expect(shown.isEmpty ? detail.hasPrefix(none) : detail == good)
        }
    }

    @Test func refusesAnExpiredCertificateAndSaysSinceWhen() throws {
        let server = try authorities.server(validity: TestAuthorities.year(2001)...TestAuthorities.year(2002))
        #expect(
            try clientFailure(server: server)
                == .expired(detail: "CN=push.example.com, issued by Example CA, ended 2002-01-01 00:00 UTC"))
    }

    @Test func refusesACertificateOfTheFuture() throws {
        let server = try authorities.server(validity: TestAuthorities.year(2090)...TestAuthorities.year(2091))
        guard case .notYetValid(let detail) = try clientFailure(server: server) else {
            Issue.record("not refused")
            return
        }
        #expect(detail.contains("starts 2090-01-01 00:00 UTC"))
    }

    @Test func refusesAnUnknownAuthority() throws {
        let stranger = try TestAuthorities()
        guard case .unknownAuthority(let detail) = try clientFailure(server: stranger.server()) else {
            Issue.record("not refused")
            return
        }
        #expect(detail.hasPrefix("CN=push.example.com, issued by Example CA: "))
    }

    @Test func refusesAThrowawayAuthorityByTheSystemsOnes() throws {
        let client = try authorities.client { $0.authorities = .system }
        guard case .unknownAuthority = try clientFailure(client: client, server: authorities.server()) else {
            Issue.record("not refused")
            return
        }
    }

    @Test func followsAChainOverAnIntermediateAuthority() throws {
        let intermediate = try authorities.root.issueAuthority(name: "Issuing CA")
        let server = try authorities.server(certificate: intermediate.issue(names: ["push.example.com"]))
        #expect(try clientFailure(server: server) == nil)
        let client = try authorities.client { $0.authorities = .pem(intermediate.certificatePEM) }
        #expect(try clientFailure(client: client, server: server) == nil)
    }

    @Test func refusesARevokedCertificate() throws {
        let certificate = try authorities.root.issue(names: ["push.example.com"])
        let client = try authorities.client {
            $0.revocationListsPEM = try authorities.root.revocationListPEM(revoking: [certificate])
        }
        #expect(
            try clientFailure(client: client, server: authorities.server(certificate: certificate))
                == .revoked(detail: "CN=push.example.com, issued by Example CA"))
        #expect(try clientFailure(client: client, server: authorities.server()) == nil)
    }

    /// A large authority's list: about 4 MB in PEM, and about 25 MB once it is read.
    @Test func readsAListOf100000Entries() throws {
        let certificate = try authorities.root.issue(names: ["push.example.com"])
        var list = RevocationListTemplate()
        list.strangers = 100_000
        list.revoked = [(certificate, nil)]
        let client = try authorities.client { $0.revocationListsPEM = try authorities.root.revocationListPEM(list) }
        #expect(
            try clientFailure(client: client, server: authorities.server(certificate: certificate))
                == .revoked(detail: "CN=push.example.com, issued by Example CA"))
        #expect(try clientFailure(client: client, server: authorities.server()) == nil)
    }

    @Test func refusesARevokedIntermediateAuthority() throws {
        let intermediate = try authorities.root.issueAuthority(name: "Issuing CA")
        let server = try authorities.server(certificate: intermediate.issue(names: ["push.example.com"]))
        let own = try intermediate.revocationListPEM()
        let client = try authorities.client {
            $0.revocationListsPEM =
                own + (try authorities.root.revocationListPEM(revoking: [intermediate.ownCertificate]))
        }
        #expect(
            try clientFailure(client: client, server: server) == .revoked(detail: "CN=Issuing CA, issued by Example CA")
        )
        let lenient = try authorities.client { $0.revocationListsPEM = own }
        #expect(try clientFailure(client: lenient, server: server) == nil)
    }

    @Test func refusesWhereTheRevocationListIsMissingOrOutOfDate() throws {
        let missing = try authorities.client {
            $0.revocationListsPEM = try TestAuthorities().root.revocationListPEM()
        }
        let old = try authorities.client {
            $0.revocationListsPEM = try authorities.root.revocationListPEM(
                validity: TestAuthorities.year(2001)...TestAuthorities.year(2002))
        }
        for client in [missing, old] {
            guard case .badCertificate(let detail) = try clientFailure(client: client, server: authorities.server())
            else {
                Issue.record("not refused")
                continue
            }
            #expect(detail.contains("CRL"))
        }
    }

    @Test func demandsOneOfThePins() throws {
        let certificate = try authorities.root.issue(names: ["push.example.com"])
        let server = try authorities.server(certificate: certificate)
        let plain = try EnginePair(client: authorities.client(), server: server)
        plain.run()
        let pin = try #require(plain.clientInfo?.peer?.pin)
        let other = try PublicKeyPin(parsing: "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
        #expect(try clientFailure(client: authorities.client { $0.pins = [pin] }, server: server) == nil)
        #expect(try clientFailure(client: authorities.client { $0.pins = [other, pin] }, server: server) == nil)
        #expect(
            try clientFailure(client: authorities.client { $0.pins = [other] }, server: server)
                == .noPinMatched(detail: "CN=push.example.com, issued by Example CA; its key is \(pin)"))
    }

    @Test func aPinDoesNotReplaceTheChain() throws {
        let stranger = try TestAuthorities()
        let server = try stranger.server()
        let plain = try EnginePair(client: stranger.client(), server: server)
        plain.run()
        let pin = try #require(plain.clientInfo?.peer?.pin)
        guard case .unknownAuthority = try clientFailure(client: authorities.client { $0.pins = [pin] }, server: server)
        else {
            Issue.record("not refused")
            return
        }
    }
}
