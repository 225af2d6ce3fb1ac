import MPushModel
import MPushTestSupport
import Testing

@testable import MPushConfiguration

/// The questions of `mpushd init`, in their order, and what is written of the answers.
@Suite struct SetupDialogueTests {
    private static let own = ShownCertificate(
        subject: "CN=push.example.com", issuer: "CN=Example CA", notBefore: nil, notAfter: nil,
        fingerprint: [1, 2, 255],
        pin: PublicKeyPin(digest: [UInt8](repeating: 7, count: 32)), encoded: [1, 2, 3])
    private static let top = ShownCertificate(
        subject: "CN=Example CA", issuer: "CN=Example CA", notBefore: nil, notAfter: nil, fingerprint: [3],
        pin: PublicKeyPin(digest: [UInt8](repeating: 8, count: 32)), encoded: [4, 5, 6])
    private static let pin = "sha256/" + Base64.encode([UInt8](repeating: 7, count: 32))

    private static func sees(_ culprit: Culprit?, _ certificates: [ShownCertificate] = [own, top]) -> SetupSighting {
        SetupSighting(
            culprit: culprit, isGood: culprit == nil, sentence: culprit?.title ?? "no fault found", advice: [],
            certificates: certificates)
    }

    private static let answers = ["push.example.com:3443", "alice", "/root/key.pem", ""]

    // MARK: - The usual way

    @Test func whatIsAnsweredIsWritten() throws {
        let talk = Talk(Self.answers + ["1"], [Self.sees(nil)])
        let configuration = try talk.configuration()
        #expect(configuration.server.endpoints.map(\.description) == ["push.example.com:3443"])
        #expect(configuration.identities.map(\.user) == ["alice"])
        #expect(configuration.server.publicKey.location.key == "server.public_key")
        #expect(configuration.tls.authorities == nil && configuration.tls.pins.isEmpty)
        #expect(
            talk.asked == [.endpoint, .user, .publicKey, .credential, .trust(isVerified: true)], "\(talk.asked)")
        // The key lies where the service may not look: it is copied.
        #expect(talk.paths == ["/etc/mpushd/server-rsa.pem", "/etc/mpushd/mpushd.toml"])
        #expect(talk.said.contains { $0.contains("CN=push.example.com") })
        #expect(talk.said.contains { $0.contains("01:02:FF") })
        #expect(talk.said.contains { $0.contains(Self.pin) })
    }

    @Test func whatTheCommandLineSaysIsNotAsked() throws {
        var options = SetupOptions()
        (options.endpoint, options.user, options.publicKey) = ("push.example.com:3443", "bob", "key.pem")
        options.asksNothing = true
        let talk = Talk(options: options, [], [Self.sees(nil)])
        #expect(try talk.configuration().identities.map(\.user) == ["bob"])
        #expect(talk.asked.isEmpty)
    }

    @Test func aKeyMayBeTypedAsItIs() throws {
        let key = "MI" + String(repeating: "A", count: 200)
        let talk = Talk(["push.example.com:3443", "alice", key, "", ""], [Self.sees(nil)])
        _ = try talk.configuration()
        #expect(talk.files.first?.content.exposed == Array((key + "\n").utf8))
    }

    @Test func aCredentialIsInAFileOfItsOwn() throws {
        let talk = Talk(["push.example.com:3443", "alice", "/root/key.pem", "s3cret", ""], [Self.sees(nil)])
        guard case .file(let file)? = try talk.configuration().identities[0].credential else {
            Issue.record("no credential file")
            return
        }
        #expect(file.path == "/etc/mpushd/credential")
        #expect(talk.files.map(\.path).contains("/etc/mpushd/credential"))
        #expect(!talk.text.contains("s3cret"))
    }

    // MARK: - Wrong answers

    @Test func aWrongAnswerIsAskedAgainWithTheReason() throws {
        let talk = Talk(
            ["push.example.com", "push.example.com:3443", "", "alice", "/nonexistent", "/root/key.pem", "", "7", "1"],
            [Self.sees(nil)])
        _ = try talk.configuration()
        let asked: [SetupQuestion] = [
            .endpoint, .endpoint, .user, .user, .publicKey, .publicKey, .credential, .trust(isVerified: true),
            .trust(isVerified: true),
        ]
        #expect(talk.asked == asked)
        for reason in ["has no port", "is empty", "no such file", "none of the choices"] {
            #expect(talk.said.contains { $0.contains(reason) }, "\(reason): \(talk.said)")
        }
    }

    @Test(arguments: [
        ("endpoint", "--endpoint"), ("user", "--user"), ("key", "--public-key-file"), ("pin", "--pin"),
    ])
    func withoutQuestionsAWrongAnswerIsTheEnd(missing: String, named: String) {
        var options = SetupOptions()
        options.endpoint = missing == "endpoint" ? nil : "push.example.com:3443"
        options.user = missing == "user" ? "" : "alice"
        options.publicKey = missing == "key" ? "/nonexistent" : "/root/key.pem"
        options.pin = missing == "pin" ? "sha1/x" : nil
        options.asksNothing = true
        let refusal = Talk(options: options, [], [Self.sees(nil)]).refusal
        #expect(refusal?.kind == .wrongAnswer)
        #expect(refusal?.message.contains(named) == true, "\(String(describing: refusal))")
    }

    @Test func aConfigurationThatIsThereIsAskedFor() throws {
        #expect(Talk(["n"], [], replaces: true).refusal?.kind == .declined)
        #expect(Talk(["y"] + Self.answers + [""], [Self.sees(nil)], replaces: true).asked.first == .replacement)
        var options = SetupOptions()
        (options.endpoint, options.user, options.publicKey) = ("h.example:1", "a", "/root/key.pem")
        options.asksNothing = true
        #expect(Talk(options: options, [], [Self.sees(nil)], replaces: true).files.count == 2)
    }

    // MARK: - What the server turned out to be

    @Test func anUnknownServerMayBePinned() throws {
        let talk = Talk(Self.answers + ["1", "3"], [Self.sees(.unknownAuthority), Self.sees(nil)])
        let configuration = try talk.configuration()
        #expect(configuration.tls.pins.map(\.description) == [Self.pin])
        #expect(configuration.tls.authorities?.path == "/etc/mpushd/server-ca.pem")
        #expect(talk.files.contains { $0.content.exposed == Array(Self.top.pem.utf8) })
        // The system's authorities are no choice where they do not vouch for the server.
        #expect(talk.asked.suffix(2) == [.trust(isVerified: false), .trust(isVerified: false)])
    }

    @Test func anUnknownServerMayHaveAnAuthorityInAFile() throws {
        let talk = Talk(Self.answers + ["2", "/root/ca.pem"], [Self.sees(.unknownAuthority), Self.sees(nil)])
        let configuration = try talk.configuration()
        #expect(configuration.tls.authorities?.path == "/etc/mpushd/ca.pem")
        #expect(configuration.tls.pins.isEmpty)
    }

    @Test func theWrongAuthorityIsAskedForAgain() throws {
        let talk = Talk(
            Self.answers + ["2", "/root/ca.pem", "3"],
            [Self.sees(.unknownAuthority), Self.sees(.interception), Self.sees(nil)])
        #expect(try talk.configuration().tls.authorities?.path == "/etc/mpushd/server-ca.pem")
    }

    @Test func aKnownServerMayBePinnedToo() throws {
        let configuration = try Talk(Self.answers + ["3"], [Self.sees(nil)]).configuration()
        #expect(configuration.tls.pins.map(\.description) == [Self.pin])
        #expect(configuration.tls.authorities == nil)
    }

    @Test(arguments: [false, true])
    func aPinOfTheCommandLineHasToBeTheServers(isAnother: Bool) throws {
        var options = SetupOptions()
        (options.endpoint, options.user, options.publicKey) = ("h.example:1", "a", "/root/key.pem")
        (options.pin, options.asksNothing) = (isAnother ? "sha256/" + Base64.encode([UInt8](1...32)) : Self.pin, true)
        let talk = Talk(options: options, [], [Self.sees(.unknownAuthority), Self.sees(nil)])
        if isAnother {
            #expect(talk.refusal?.kind == .untrusted)
        } else {
            #expect(try talk.configuration().tls.authorities?.path == "/etc/mpushd/server-ca.pem")
        }
    }

    @Test(arguments: [Culprit.unknownAuthority, .certificateName, .certificateExpired, .portWithoutTLS])
    func withoutQuestionsNobodyIsTrustedWhoIsNotKnown(culprit: Culprit) {
        var options = SetupOptions()
        (options.endpoint, options.user, options.publicKey) = ("h.example:1", "a", "/root/key.pem")
        options.asksNothing = true
        let sightings = [SetupSighting](repeating: Self.sees(culprit), count: 4)
        #expect(Talk(options: options, [], sightings).refusal?.kind == .untrusted)
    }

    /// A chain that does not even hold together is not tried for ever.
    @Test func aPinThatDoesNotHelpIsTheEnd() {
        var options = SetupOptions()
        (options.endpoint, options.user, options.publicKey) = ("h.example:1", "a", "/root/key.pem")
        (options.pin, options.asksNothing) = (Self.pin, true)
        let sightings = [SetupSighting](repeating: Self.sees(.unknownAuthority), count: 4)
        let talk = Talk(options: options, [], sightings)
        #expect(talk.refusal?.kind == .untrusted)
        #expect(talk.examinations == 2)
    }

    @Test func aCertificateForAnotherNameAsksForTheServerAgain() throws {
        let talk = Talk(
            Self.answers + ["push.example.org:3443", ""], [Self.sees(.certificateName), Self.sees(nil)])
        #expect(try talk.configuration().server.endpoints.map(\.description) == ["push.example.org:3443"])
    }

    /// What another server showed is no authority for this one.
    @Test func whatWasPinnedIsForgottenWithItsServer() throws {
        let talk = Talk(
            Self.answers + ["3", "push.example.org:3443", "1"],
            [Self.sees(.unknownAuthority), Self.sees(.certificateName), Self.sees(nil)])
        let configuration = try talk.configuration()
        #expect(configuration.tls.authorities == nil && configuration.tls.pins.isEmpty)
    }

    @Test func anotherKeyIsAskedForWhereTheServerHasAnother() throws {
        let talk = Talk(Self.answers + ["/root/other.pem", ""], [Self.sees(.serverKey), Self.sees(nil)])
        _ = try talk.configuration()
        #expect(talk.asked.filter { $0 == .publicKey }.count == 2)
        #expect(talk.files.first?.content.exposed == Array("/root/other.pem".utf8))
    }

    @Test func aPortWithoutTLSIsUsedByARealYesOnly() throws {
        let good = Talk(Self.answers + ["y"], [Self.sees(.portWithoutTLS, []), Self.sees(nil, [])])
        #expect(try good.configuration().server.transport == .plaintext)
        let other = Talk(
            Self.answers + ["", "push.example.org:3443", ""], [Self.sees(.portWithoutTLS, []), Self.sees(nil)])
        #expect(try other.configuration().server.transport == .tls)
    }

    @Test func whatWasAgreedToWithOneServerIsNotWithTheNext() throws {
        let talk = Talk(
            Self.answers + ["y", "push.example.org:3443", "1"],
            [Self.sees(.portWithoutTLS, []), Self.sees(.notMPush, []), Self.sees(nil)])
        #expect(try talk.configuration().server.transport == .tls)
        #expect(talk.asked.suffix(3) == [.withoutTLS, .endpoint, .trust(isVerified: true)], "\(talk.asked)")
    }

    @Test func whatTheCommandLineAgreesToIsForEachServer() throws {
        var options = SetupOptions()
        options.isWithoutTLS = true
        let talk = Talk(
            options: options, Self.answers + ["push.example.org:3443"],
            [Self.sees(.notMPush, []), Self.sees(nil, [])])
        #expect(try talk.configuration().server.transport == .plaintext)
        let other = Talk(
            options: options, Self.answers + ["push.example.com:3443", "1"],
            [Self.sees(.tlsPort, []), Self.sees(nil)])
        #expect(try other.configuration().server.transport == .tls)
        #expect(other.asked.last == .trust(isVerified: true))
    }

    @Test func aServerThatIsAwayIsNoEndWhereNothingIsAsked() throws {
        var options = SetupOptions()
        (options.endpoint, options.user, options.publicKey) = ("h.example:1", "a", "/root/key.pem")
        options.asksNothing = true
        #expect(try Talk(options: options, [], [Self.sees(.portRefused, [])]).configuration().tls.pins.isEmpty)
        let asking = Talk(Self.answers + ["y"], [Self.sees(.portRefused, [])])
        #expect(try asking.configuration().server.endpoints.count == 1)
        #expect(asking.asked.last == .insistence)
    }

    // MARK: - Any text

    /// Whatever is typed: what comes of it is asked again, or is read back as it was.
    @Test func whatIsWrittenIsReadBack() throws {
        let pieces = [
            "\"", "\\", "\n", "\u{0}", "'", "#", "]", "[a]", "é", "\u{1F600}", "\u{FEFF}", "a", "=", "\u{7F}", " ",
            "\"\"\"",
        ]
        var state: UInt64 = 42
        func next() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33)
        }
        var written = 0
        for _ in 0..<600 {
            let text = (0..<(1 + next() % 6)).map { _ in pieces[next() % pieces.count] }.joined()
            let talk = Talk(
                ["h.example:1", text, "bob", "/etc/mpushd/\(text)", "/root/key.pem", text, ""], [Self.sees(nil)])
            let configuration = try talk.configuration()
            let user = talk.asked.filter { $0 == .user }.count == 1 ? text : "bob"
            #expect(configuration.identities.map(\.user) == [user])
            if user == text { written += 1 }
        }
        #expect(written > 30)
    }

    @Test(arguments: [
        ("/etc/mpushd/mpushd.toml", "sudo mpushd check && sudo systemctl reload mpushd"),
        (
            "/etc/mpushd/berlin/mpushd.toml",
            "sudo mpushd check /etc/mpushd/berlin/mpushd.toml && sudo systemctl reload mpushd@berlin"
        ),
        ("/root/mine.toml", "mpushd check /root/mine.toml"),
    ])
    func theFirstLinesSayHowAChangeIsTaken(path: String, command: String) {
        let lines = SetupAnswers(configuration: path).text.split(separator: "\n")
        #expect(lines.contains("# After a change: \(command)"), "\(lines)")
    }

    @Test func aFileThatIsBesideTheConfigurationStaysThere() throws {
        let talk = Talk(["push.example.com:3443", "alice", "/etc/mpushd/key.pem", "", ""], [Self.sees(nil)])
        #expect(talk.paths == ["/etc/mpushd/mpushd.toml"])
        #expect(talk.filesForService == ["/etc/mpushd/key.pem"])
        var answers = SetupAnswers(configuration: "/srv/mine.toml")
        answers.publicKey = .inPlace("/srv/key.pem")
        #expect(answers.filesForService.isEmpty)
    }

    @Test func theServiceIsNamedThatWillRunIt() {
        for (path, command) in [
            ("/etc/mpushd/mpushd.toml", "sudo systemctl enable --now mpushd"),
            ("/etc/mpushd/berlin/mpushd.toml", "sudo systemctl enable --now mpushd@berlin"),
            ("mine.toml", "mpushd run --config /root/mine.toml"),
        ] {
            let place = SetupPlace(configuration: path, workingDirectory: "/root", files: FakeFiles())
            #expect(place.startCommand == command)
        }
    }
}

/// Somebody who answers, before a server that is seen.
private final class Talk {
    private(set) var asked: [SetupQuestion] = []
    private(set) var said: [String] = []
    private(set) var files: [SetupFile] = []
    private(set) var filesForService: [String] = []
    private(set) var refusal: SetupRefusal?
    private(set) var examinations = 0

    init(
        options: SetupOptions = SetupOptions(), _ answers: [String], _ sightings: [SetupSighting],
        replaces: Bool = false
    ) {
        let place = SetupPlace(
            configuration: "/etc/mpushd/mpushd.toml", workingDirectory: "/root", files: FakeFiles())
        var dialogue = SetupDialogue(options, at: place, replaces: replaces)
        var (answers, sightings) = (answers[...], sightings[...])
        while true {
            said += dialogue.takeNotes()
            switch dialogue.step {
            case .ask(let question):
                asked.append(question)
                guard let answer = answers.popFirst() else {
                    Issue.record("\(question) was not foreseen: \(said)")
                    return
                }
                if question.isSecret {
                    dialogue.answered(secret: SecretBytes(answer.utf8))
                } else {
                    dialogue.answered(answer)
                }
            case .verify(let files): dialogue.verified(Talk.problems(in: files))
            case .examine:
                examinations += 1
                guard let sighting = sightings.popFirst() else {
                    Issue.record("looked at once more")
                    return
                }
                dialogue.examined(sighting)
            case .write(let files):
                (self.files, filesForService) = (files, dialogue.filesForService)
                return
            case .stop(let refusal):
                self.refusal = refusal
                return
            }
        }
    }

    var paths: [String] { files.map(\.path) }

    var text: String { String(decoding: files.last?.content.exposed ?? [], as: UTF8.self) }

    func configuration() throws -> Configuration { try parse(text) }

    private static func problems(in files: [SetupFile]) -> [SetupDialogue.Problem] {
        do throws(ConfigurationErrors) {
            let text = files.last?.content.exposed ?? []
            _ = try Configuration.parse(text, named: fileName, in: FakeEnvironment())
            return []
        } catch {
            return error.errors.map { SetupDialogue.Problem(key: $0.location.key, message: $0.message) }
        }
    }
}

/// A machine on which every file has its own name as its content, but `nonexistent`.
private struct FakeFiles: ConfigurationSource {
    private let fake = FakeEnvironment()

    func variable(named name: String) -> String? { fake.variable(named: name) }
    func group(named name: String) -> GroupCondition { fake.group(named: name) }

    func inspect(_ path: String) -> FileCondition {
        path.contains("nonexistent") ? .missing : .readable(mode: 0o600, size: 100)
    }

    func content(of path: String, maximum: Int) throws(UnreadableFile) -> [UInt8] { Array(path.utf8) }

    func secretContent(of path: String, maximum: Int) throws(UnreadableFile) -> SecretBytes { SecretBytes(path.utf8) }
}
