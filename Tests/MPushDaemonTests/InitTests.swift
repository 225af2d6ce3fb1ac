import Foundation
import MPushCipher
import MPushModel
import MPushPlatform
import MPushSimulator
import MPushTLS
import MPushTestSupport
import NIOCore
import NIOPosix
import Testing

/// `mpushd init` as it is typed, before a simulated server.
@Suite struct InitTests {
    private let directory: TemporaryDirectory
    private let authority: ThrowawayAuthority
    private let key: RSAPrivateKey

    init() throws {
        directory = try TemporaryDirectory()
        authority = try ThrowawayAuthority()
        key = try RSAPrivateKey.generate()
        try directory.write("key.pem", key.publicKey.base64.utf8)
        try directory.write("ca.pem", authority.certificatePEM)
        try directory.write("other.pem", ThrowawayAuthority().certificatePEM)
    }

    /// What is at the port.
    enum Server { case tls(name: String), plaintext, nobody }

    /// Runs it with `arguments` and `lines` on its standard input, and the file of authorities as the system's.
    private func run(
        _ server: Server, _ arguments: [String] = [], lines: (Int) -> [String] = { _ in [] }, system: String? = nil
    ) async throws -> (BuiltProgram.Outcome, port: Int) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var (simulator, port): (Simulator?, Int) = (nil, 1)
        if let transport = try transport(server) {
            var configuration = SimulatorConfiguration(transport: transport)
            configuration.privateKey = key
            let made = try Simulator(configuration, clock: MachineClock(), on: group.next())
            port = try await made.listen(host: "127.0.0.1").get().port ?? 1
            simulator = made
        }
        let text = lines(port).map { $0 + "\n" }.joined()
        try directory.write("input", text.utf8)
        var words = ["env", "SSL_CERT_FILE=\(directory.path(system ?? "nothing"))", "SSL_CERT_DIR=/nonexistent"]
        words += [try BuiltProgram.url("mpushd").path, "init", "--config", directory.path("etc/mpushd.toml")]
        words += arguments.map { $0.replacing("PORT", with: "\(port)").replacing("DIR", with: directory.url.path) }
        let command = words.map { "'\($0)'" }.joined(separator: " ") + " <'\(directory.path("input"))'"
        let outcome = try BuiltProgram.run("/bin/sh", ["-c", command])
        if let simulator { _ = try await simulator.shutDown().get() }
        try await group.shutdownGracefully()
        return (outcome, port)
    }

    private func transport(_ server: Server) throws -> SimulatorTransport? {
        switch server {
        case .tls(let name): .tls(TLSServerSettings(identity: try authority.issue(names: [name]).identity))
        case .plaintext: .plaintext
        case .nobody: nil
        }
    }

    private var configuration: String {
        (try? directory.content("etc/mpushd.toml")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private func mode(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.path(name))
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }

    /// Root's are for the group of the service, too.
    private let secretMode = geteuid() == 0 ? 0o640 : 0o600

    private var given: [String] {
        ["--endpoint", "localhost:PORT", "--user", "alice", "--public-key-file", "DIR/key.pem"]
    }

    @Test func theRightAuthority() async throws {
        let (outcome, port) = try await run(
            .tls(name: "localhost"), lines: { ["localhost:\($0)", "alice", "\(directory.path("key.pem"))", "", ""] },
            system: "ca.pem")
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.complaint)")
        #expect(configuration.contains("endpoints = [\"localhost:\(port)\"]"))
        #expect(!configuration.contains("[tls]"))
        #expect(outcome.output.contains("CN=localhost"))
        #expect(outcome.output.contains("no fault found"))
        #expect(outcome.output.contains("mpushd run --config"))
        #expect(try mode("etc/mpushd.toml") == secretMode)
    }

    @Test func aServerThatNobodyKnowsIsPinned() async throws {
        let (outcome, _) = try await run(.tls(name: "localhost"), given, lines: { _ in ["secret word", "3"] })
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.complaint)")
        #expect(configuration.contains("pins = [\"sha256/"))
        #expect(configuration.contains("ca_file = "))
        #expect(try directory.names().contains("etc"))
        #expect(String(decoding: try directory.content("etc/credential"), as: UTF8.self) == "secret word")
        #expect(try mode("etc/credential") == secretMode)
        #expect(!configuration.contains("secret word") && !outcome.output.contains("secret word"))
    }

    @Test func withoutQuestionsAnUnknownServerIsNotTrusted() async throws {
        let (outcome, _) = try await run(.tls(name: "localhost"), given + ["--yes"])
        #expect(outcome.status == EX_NOPERM, "\(outcome.output) \(outcome.complaint)")
        #expect(outcome.complaint.contains("--ca-file"))
        #expect(configuration.isEmpty)
    }

    @Test func anAuthorityOfTheCommandLine() async throws {
        let (outcome, _) = try await run(.tls(name: "localhost"), given + ["--ca-file", "DIR/ca.pem", "--yes"])
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.complaint)")
        #expect(configuration.contains("ca_file = \"\(directory.path("etc/ca.pem"))\""))
    }

    @Test func aCertificateForAnotherHost() async throws {
        let (outcome, _) = try await run(
            .tls(name: "push.example"), given + ["--ca-file", "DIR/ca.pem"], lines: { _ in ["", "localhost:1", "y"] })
        #expect(outcome.output.contains("Certificate for another name"), "\(outcome.output) \(outcome.complaint)")
        #expect(outcome.output.contains("ort refused"))
        #expect(outcome.status == EX_UNAVAILABLE)
        #expect(configuration.contains("localhost:1"))
    }

    @Test func aPortWithoutTLS() async throws {
        let (outcome, _) = try await run(.plaintext, given, lines: { _ in ["", "y"] })
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.complaint)")
        #expect(configuration.contains("transport = \"plaintext\""))
    }

    @Test func nobodyIsThere() async throws {
        let (outcome, _) = try await run(.nobody, given + ["--yes"])
        #expect(outcome.status == EX_UNAVAILABLE, "\(outcome.output) \(outcome.complaint)")
        #expect(configuration.contains("alice"))
        #expect(outcome.output.contains("goes on trying"))
    }

    @Test func theWrongKeyIsAskedForAgain() async throws {
        try directory.write("wrong.pem", RSAPrivateKey.generate().publicKey.base64.utf8)
        let (outcome, _) = try await run(
            .tls(name: "localhost"),
            ["--endpoint", "localhost:PORT", "--user", "alice", "--public-key-file", "DIR/wrong.pem"],
            lines: { _ in ["", directory.path("key.pem"), ""] }, system: "ca.pem")
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.complaint)")
        #expect(outcome.output.contains("Wrong server.public_key"))
        #expect(try directory.content("etc/server-rsa.pem") == directory.content("key.pem"))
    }

    @Test func nothingIsLost() async throws {
        try FileManager.default.createDirectory(
            at: directory.url.appending(path: "etc"), withIntermediateDirectories: true)
        try directory.write("etc/mpushd.toml", "old = 1".utf8)
        let (refused, _) = try await run(.nobody, given, lines: { _ in ["n"] })
        #expect(refused.status == 0)
        #expect(configuration == "old = 1")
        for _ in 1...2 {
            let (outcome, _) = try await run(.nobody, given + ["--yes"])
            #expect(outcome.status == EX_UNAVAILABLE)
        }
        #expect(String(decoding: try directory.content("etc/mpushd.toml.old"), as: UTF8.self) == "old = 1")
        // The same again is no change.
        #expect(try !directory.names("etc").contains("mpushd.toml.old-2"))
    }

    @Test func anInputThatEndsIsNoAnswer() async throws {
        let (outcome, _) = try await run(.nobody)
        #expect(outcome.status == EX_USAGE)
        #expect(outcome.complaint.contains("nothing was written"))
        #expect(configuration.isEmpty)
    }
}

extension TemporaryDirectory {
    fileprivate func names(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
    }
}
