import MPushModel
import MPushSimulator
import MPushTLS
import Testing

@Suite struct TLSConfigurationTests {
    private let root: ThrowawayAuthority
    private let leaf: ThrowawayCertificate

    init() throws {
        root = try ThrowawayAuthority()
        leaf = try root.issue(names: ["push.example.com"])
    }

    private func error(_ change: (inout TLSClientSettings) -> Void) -> TLSConfigurationError? {
        var settings = TLSClientSettings()
        change(&settings)
        do throws(TLSConfigurationError) {
            _ = try TLSContext(client: settings)
            return nil
        } catch {
            return error
        }
    }

    /// A PEM text whose base64 is damaged in the middle.
    private func damaged(_ text: [UInt8]) -> [UInt8] {
        var text = text
        for index in (text.count / 2)..<(text.count / 2 + 8) { text[index] = UInt8(ascii: "!") }
        return text
    }

    @Test func acceptsGoodSettings() {
        #expect(error { _ in } == nil)
        #expect(error { $0.authorities = .pem(self.root.certificatePEM) } == nil)
        #expect(error { $0.identity = self.leaf.identity } == nil)
    }

    @Test func saysWhatIsWrongWithTheAuthorities() throws {
        let rubbish = error { $0.authorities = .pem(Array("not PEM".utf8)) }
        #expect(rubbish?.setting == .authorities)
        #expect(rubbish?.problem == .notPEM)
        #expect(error { $0.authorities = .pem([]) }?.problem == .notPEM)
        #expect(error { $0.authorities = .pem(self.leaf.keyPEM.exposed) }?.problem == .nothingOfItsKind)
        #expect(error { $0.authorities = .pem(self.damaged(self.root.certificatePEM)) }?.problem == .unreadable)
        let second = root.certificatePEM + damaged(root.certificatePEM)
        #expect(error { $0.authorities = .pem(second) }?.detail.hasPrefix("block 2: ") == true)
    }

    @Test func saysWhatIsWrongWithTheRevocationList() throws {
        let found = error { $0.revocationListsPEM = self.root.certificatePEM }
        #expect(found?.setting == .revocationLists)
        #expect(found?.problem == .nothingOfItsKind)
        let list = try root.revocationListPEM()
        #expect(error { $0.revocationListsPEM = list } == nil)
        #expect(error { $0.revocationListsPEM = self.damaged(list) }?.problem == .unreadable)
    }

    @Test func saysWhatIsWrongWithTheIdentity() throws {
        let other = try root.issue(names: ["other"])
        let mixed = TLSIdentity(certificateChainPEM: leaf.chainPEM, keyPEM: other.keyPEM)
        #expect(error { $0.identity = mixed }?.problem == .keyMismatch)
        #expect(error { $0.identity = mixed }?.setting == .key)
        let keyless = TLSIdentity(certificateChainPEM: leaf.chainPEM, keyPEM: SecretBytes(leaf.chainPEM))
        #expect(error { $0.identity = keyless }?.problem == .nothingOfItsKind)
        let empty = TLSIdentity(certificateChainPEM: leaf.chainPEM, keyPEM: SecretBytes([]))
        #expect(error { $0.identity = empty }?.problem == .notPEM)
        let certificateless = TLSIdentity(certificateChainPEM: [], keyPEM: leaf.keyPEM)
        #expect(error { $0.identity = certificateless }?.setting == .certificate)
    }

    /// Both kinds of encrypted keys; nothing must ask on the terminal.
    @Test(arguments: [["pkcs8", "-topk8", "-passout", "pass:secret"], ["ec", "-aes128", "-passout", "pass:secret"]])
    func saysThatTheKeyIsEncrypted(command: [String]) throws {
        let encrypted = try OpenSSLTool.run(command, input: leaf.keyPEM.exposed)
        let identity = TLSIdentity(certificateChainPEM: leaf.chainPEM, keyPEM: SecretBytes(encrypted))
        #expect(error { $0.identity = identity }?.problem == .encrypted)
    }

    /// OpenSSL's reader would pass over it in silence, and over the mistrust that it may say.
    @Test func refusesCertificatesWithMarksOfTrust() throws {
        let arguments = ["x509", "-addreject", "serverAuth", "-trustout"]
        let trusted = try OpenSSLTool.run(arguments, input: root.certificatePEM)
        #expect(trusted.starts(with: Array("-----BEGIN TRUSTED CERTIFICATE-----".utf8)))
        #expect(error { $0.authorities = .pem(trusted) }?.problem == .trustSettings)
        #expect(error { $0.authorities = .pem(trusted + self.leaf.certificatePEM) }?.problem == .trustSettings)
        #expect(error { $0.authorities = .pem(self.leaf.certificatePEM + trusted) }?.problem == .trustSettings)
    }

    @Test func leavesNoBlockOutInSilence() throws {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        #expect(error { $0.authorities = .pem(mark + self.root.certificatePEM) } == nil)
        #expect(error { $0.authorities = .pem(mark + self.root.certificatePEM + self.leaf.certificatePEM) } == nil)
        let indented = error { $0.authorities = .pem(self.leaf.certificatePEM + [0x20] + self.root.certificatePEM) }
        #expect(indented?.problem == .unreadable)
        #expect(indented?.detail.hasPrefix("1 of 2 blocks") == true)
        let list = try root.revocationListPEM()
        #expect(error { $0.revocationListsPEM = list + [0x20] + list }?.detail.hasPrefix("1 of 2 blocks") == true)
        var identity = leaf.identity
        identity.keyPEM = SecretBytes(mark + identity.keyPEM.exposed)
        #expect(error { $0.identity = identity } == nil)
    }

    @Test func warnsOfWhatHasEnded() throws {
        let (past, now) = (TestAuthorities.year(2001)...TestAuthorities.year(2002), TestAuthorities.year(2026))
        func warnings(_ change: (inout TLSClientSettings) throws -> Void) throws -> [String] {
            var settings = TLSClientSettings()
            try change(&settings)
            return try TLSContext(client: settings).warnings(at: now).map { "\($0.setting): \($0.text)" }
        }
        let old = try ThrowawayAuthority(name: "Old CA", validity: past)
        let ended = "authorities: the only authority, CN=Old CA, ended 2002-01-01 00:00 UTC: "
        let meaning = "no server that it vouches for is accepted"
        #expect(try warnings { $0.authorities = .pem(old.certificatePEM) } == [ended + meaning])
        #expect(try warnings { $0.authorities = .pem(old.certificatePEM + self.root.certificatePEM) } == [])
        #expect(
            try warnings { $0.authorities = .pem(old.certificatePEM + old.certificatePEM) }.first?
                .hasPrefix("authorities: each authority, such as CN=Old CA, ended") == true)
        let identity = try root.issue(names: ["till"], validity: past).identity
        #expect(
            try warnings { $0.identity = identity } == [
                "certificate: CN=till ended 2002-01-01 00:00 UTC: a server that asks for it will refuse it"
            ])
        let list = try root.revocationListPEM(validity: past)
        let current = try root.revocationListPEM()
        #expect(
            try warnings { $0.revocationListsPEM = list }.first?
                .contains("throw-away authority ended 2002-01-01 00:00 UTC") == true)
        #expect(try warnings { $0.revocationListsPEM = list + current } == [])
        var delta = RevocationListTemplate()
        delta.extensions = [.init("deltaCRL", "critical,DER:02:01:01")]
        let additions = try root.revocationListPEM(delta)
        #expect(try warnings { $0.revocationListsPEM = additions }.first?.contains("only a delta list") == true)
        #expect(try warnings { $0.revocationListsPEM = additions + current } == [])
    }

    @Test func refusesAMinimumBelowTLS12() {
        #expect(error { $0.minimumVersion = .tls11 }?.setting == .versions)
    }

    @Test(arguments: [
        "", ".", "..", ".example.com", "a..b", "push.example.com..", "a b", "a\u{0}.example.com", "*.example.com",
        "müller.example",
        String(repeating: "a", count: 254),
    ])
    func refusesNamesThatWouldWeakenTheCheck(name: String) {
        #expect(throws: TLSConfigurationError.self) { try TLSPeerName(name) }
    }

    @Test func tellsNamesFromAddresses() throws {
        #expect(try TLSPeerName("push.example.com.") == .host("push.example.com"))
        #expect(try TLSPeerName("192.0.2.7") == .address("192.0.2.7"))
        #expect(try TLSPeerName("2001:db8::7") == .address("2001:db8::7"))
        #expect(try TLSPeerName("fe80::1%eth0") == .address("fe80::1"))
    }
}
