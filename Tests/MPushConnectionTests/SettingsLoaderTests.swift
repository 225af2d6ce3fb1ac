import Foundation
import MPushCipher
import MPushConfiguration
import MPushModel
import MPushPlatform
import MPushSession
import MPushSimulator
import MPushTestSupport
import Testing

@testable import MPushConnection

/// Configurations with real keys and certificates: each thing that is wrong is said at the line that names it.
@Suite struct SettingsLoaderTests {
    private struct Vectors: Decodable {
        struct Keys: Decodable {
            let rsa_public_key_x509_b64: String
        }
        let keys: Keys
    }

    /// The base64 of a key about which there is nothing to say. One for all: making it takes time.
    private static let goodKey = (try? RSAPrivateKey.generate(bits: 2048))?.publicKey.base64 ?? ""

    private let directory: TemporaryDirectory
    private let authority: ThrowawayAuthority
    private let client: ThrowawayCertificate

    init() throws {
        directory = try TemporaryDirectory()
        authority = try ThrowawayAuthority()
        client = try authority.issue(names: ["till-7"])
        try directory.write("server.pem", Self.goodKey.utf8)
        try directory.write("ca.pem", authority.certificatePEM)
        try directory.write("client.pem", client.chainPEM)
        try directory.write("client.key", client.keyPEM.exposed)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory.path("client.key"))
    }

    /// A configuration whose certificate files are on lines 6, 7 and 8.
    private func load(more: String = "", routes: String = "") throws -> LoadedSettings {
        let text = """
            [server]
            endpoints = ["push.example.com:3443"]
            public_key = "\(directory.path("server.pem"))"
            \(more)
            [tls]
            ca_file = "\(directory.path("ca.pem"))"
            client_certificate = "\(directory.path("client.pem"))"
            client_key = "\(directory.path("client.key"))"
            [identity]
            user = "alice"
            \(routes)
            """
        let path = try directory.write("mpushd.toml", text.utf8)
        return try SettingsLoader.load(
            path, version: "test", now: MachineClock().wall, environment: MachineEnvironment())
    }

    // MARK: - Device ids

    private func devices(_ users: String...) throws -> [String: String] {
        let text = """
            [server]
            endpoints = ["push.example.com:3443"]
            public_key = "\(directory.path("server.pem"))"
            [state]
            directory = "\(directory.url.path)"
            \(users.map { "[[identity]]\nuser = \"\($0)\"\n" }.joined())
            """
        let path = try directory.write("devices.toml", text.utf8)
        let settings = try SettingsLoader.load(
            path, version: "test", now: MachineClock().wall, environment: MachineEnvironment())
        try SoleIdentity.note(settings, in: directory.url.path, files: MachineFiles())
        return Dictionary(settings.identities.map { ($0.name, $0.session.deviceID) }, uniquingKeysWith: { $1 })
    }

    /// Another device would be another session for the server.
    @Test func aSecondUserLeavesTheDeviceOfTheFirstAlone() throws {
        let before = try devices("alice")
        for users in [["alice", "bob"], ["bob", "alice"]] {
            let after = try devices(users[0], users[1])
            #expect(after["alice"] == before["alice"])
            #expect(after["bob"] != before["alice"])
        }
    }

    @Test func severalThatWereThereBeforeKeepTheirs() throws {
        let before = try devices("alice", "bob")
        #expect(try devices("alice", "bob") == before)
        #expect(Set(before.values).count == 2)
        #expect(try !directory.names().contains("sole-identity"))
    }

    @Test(arguments: ["", "../x\n", "no such\n", String(repeating: "x", count: 2000)])
    func whatIsNotedIsNotTrusted(text: String) throws {
        let before = try devices("alice", "bob")
        try directory.write("sole-identity", text.utf8)
        #expect(try devices("alice", "bob") == before)
    }

    /// The errors of the configuration, one a line, without the directory.
    private func errors(routes: String = "") throws -> [String] {
        do {
            _ = try load(routes: routes)
            return []
        } catch let errors as ConfigurationErrors {
            return errors.errors.map { $0.description.replacing(directory.url.path + "/", with: "") }
        }
    }

    @Test func goodFilesAreTaken() throws {
        let settings = try load()
        #expect(settings.warnings.isEmpty)
        #expect(settings.summary == "1 identity, 1 endpoint")
    }

    @Test(arguments: ["ca.pem", "client.pem", "client.key"])
    func whatIsNotPEMIsSaidAtItsLine(name: String) throws {
        try directory.write(name, Array("no PEM at all\n".utf8))
        let (line, key) =
            switch name {
            case "ca.pem": (6, "tls.ca_file")
            case "client.pem": (7, "tls.client_certificate")
            default: (8, "tls.client_key")
            }
        let errors = try errors()
        #expect(errors.count == 1)
        #expect(errors.first?.hasPrefix("mpushd.toml:\(line): \(key): \(name): ") == true, "\(errors)")
        #expect(errors.first?.contains("is not PEM text") == true, "\(errors)")
    }

    @Test func aKeyOfAnotherCertificateIsSaid() throws {
        try directory.write("client.key", authority.issue(names: ["other"]).keyPEM.exposed)
        let errors = try errors()
        #expect(errors.count == 1)
        #expect(errors.first?.hasPrefix("mpushd.toml:8: tls.client_key: ") == true, "\(errors)")
        #expect(errors.first?.contains("does not belong to the certificate") == true, "\(errors)")
    }

    @Test func anEncryptedKeyIsSaid() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "openssl", "pkey", "-aes256", "-passout", "pass:secret", "-in", directory.path("client.key"), "-out",
            directory.path("encrypted.key"),
        ]
        try process.run()
        process.waitUntilExit()
        try directory.write("client.key", try directory.content("encrypted.key"))
        let errors = try errors()
        #expect(errors.first?.contains("is encrypted with a passphrase") == true, "\(errors)")
    }

    @Test(arguments: [512, 1025, 4104])
    func anRSAKeyOfAnotherSizeIsSaid(bits: Int) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c", "openssl genrsa \(bits) 2>/dev/null | openssl pkey -pubout > \(directory.path("server.pem"))",
        ]
        try process.run()
        process.waitUntilExit()
        let errors = try errors()
        #expect(errors.first?.hasPrefix("mpushd.toml:3: server.public_key: server.pem: ") == true, "\(errors)")
        #expect(errors.first?.contains("has \(bits) bits") == true, "\(errors)")
    }

    @Test func severalErrorsAreSaidAtOnce() throws {
        try directory.write("server.pem", Array("nonsense".utf8))
        try directory.write("ca.pem", Data(repeating: 0x41, count: (32 << 20) + 1))
        try directory.write("client.pem", [UInt8](repeating: 0x41, count: (1 << 20) + 1))
        let errors = try errors()
        #expect(errors.map { $0.prefix { $0 != " " } } == ["mpushd.toml:3:", "mpushd.toml:6:", "mpushd.toml:7:"])
        #expect(errors.last?.hasSuffix("is longer than 1MiB, the most that such a file can have.") == true)
    }

    @Test func aFileThatIsTooLongForItsKindIsSaid() throws {
        for (name, limit) in [("server.pem", "256KiB"), ("ca.pem", "32MiB"), ("client.key", "256KiB")] {
            let before = try directory.content(name)
            let count = name == "ca.pem" ? 32 << 20 : 256 << 10
            try directory.write(name, Data(repeating: 0x41, count: count + 1))
            let errors = try errors()
            #expect(errors.count == 1)
            #expect(
                errors.first?.hasSuffix("\(name): is longer than \(limit), the most that such a file can have.") == true
            )
            try directory.write(name, before)
        }
    }

    @Test func authoritiesBeyondOneMebibyteAreTaken() throws {
        let comment = Data(repeating: 0x23, count: 1 << 20) + Data("\n".utf8)
        try directory.write("ca.pem", comment + Data(authority.certificatePEM))
        #expect(try load().warnings.isEmpty)
    }

    @Test(arguments: [(1024, "TLS still protects"), (1536, "TLS still protects")])
    func aShortKeyIsWarnedOfAtItsLine(bits: Int, words: String) throws {
        try directory.write("server.pem", RSAPrivateKey.generate(bits: bits).publicKey.base64.utf8)
        let warnings = try load().warnings
        #expect(warnings.count == 1)
        let text = try #require(warnings.first).plainText
        #expect(text.hasPrefix("\(directory.path("mpushd.toml")):3: server.public_key: has \(bits) bits"), "\(text)")
        #expect(text.contains("stock MPush") == (bits == 1024))
        #expect(text.contains(words), "\(text)")
        let plain = try #require(try load(more: "transport = \"plaintext\"").warnings.last).plainText
        #expect(plain.contains("With transport = \"plaintext\" nothing protects this connection."), "\(plain)")
    }

    @Test func thePublishedDefaultKeyIsWarnedOfAtItsLine() throws {
        let vectors = try Fixture.json("vectors/packets.json", as: Vectors.self)
        try directory.write("server.pem", vectors.keys.rsa_public_key_x509_b64.utf8)
        let warnings = try load().warnings
        #expect(warnings.count == 1)
        let text = try #require(warnings.first).plainText
        #expect(text.hasPrefix("\(directory.path("mpushd.toml")):3: server.public_key: is MPush's published default"))
        #expect(text.contains("TLS still protects this connection"))
    }

    /// Routes of all kinds, from line 11 on.
    private var routes: String {
        """
        [[route]]
        name = "program"
        exec = ["/bin/true"]
        [[route]]
        name = "one"
        webhook = "https://one.example/"
        ca_file = "\(directory.path("hook.pem"))"
        secret_file = "\(directory.path("hook.key"))"
        [[route]]
        name = "two"
        webhook = "https://two.example/"
        ca_file = "\(directory.path("hook.pem"))"
        [[route]]
        name = "three"
        webhook = "https://three.example/"
        secret = "inline"
        [[route]]
        name = "clear"
        webhook = "http://127.0.0.1:8080/"
        """
    }

    private func writeRouteFiles() throws {
        try directory.write("hook.pem", authority.certificatePEM)
        try directory.write("hook.key", Array("key of the hook\n".utf8))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory.path("hook.key"))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory.path("server.pem"))
    }

    @Test func routesAreLoadedWithTheirKeysAndContexts() throws {
        try writeRouteFiles()
        let settings = try load(routes: routes)
        #expect(settings.summary == "1 identity, 1 endpoint, 5 routes")
        let loaded = settings.routes
        #expect(loaded.map(\.settings) == settings.configuration.routes)
        #expect(loaded.map { $0.tls != nil } == [false, true, true, true, false])
        #expect(
            loaded.map { $0.secret?.exposed } == [nil, Array("key of the hook".utf8), nil, Array("inline".utf8), nil])
        #expect(loaded[1].tls === loaded[2].tls)
        #expect(loaded[1].tls !== loaded[3].tls)
    }

    @Test func whatIsWrongWithTheFilesOfARouteIsSaidAtItsLine() throws {
        try writeRouteFiles()
        try directory.write("hook.pem", Array("no PEM at all\n".utf8))
        try directory.write("hook.key", Array("\n\n".utf8))
        let errors = try errors(routes: routes)
        #expect(errors.count == 2)
        #expect(
            errors.first
                == "mpushd.toml:18: route[2].secret_file: hook.key: a secret has 1 to 4096 bytes, this one has 0.")
        #expect(errors.last?.hasPrefix("mpushd.toml:22: route[3].ca_file: hook.pem: ") == true, "\(errors)")
    }

    @Test func aRouteIsEqualUntilItsSettingsOrTheContentOfItsFilesChange() throws {
        try writeRouteFiles()
        let before = try load(routes: routes).routes
        #expect(try load(routes: "# one line more\n" + routes).routes == before)
        try directory.write("hook.key", Array("another key".utf8))
        let after = try load(routes: routes).routes
        #expect(zip(before, after).map { $0 == $1 } == [true, false, true, true, true])
        try directory.write("hook.pem", ThrowawayAuthority().certificatePEM)
        let last = try load(routes: routes).routes
        #expect(zip(after, last).map { $0 == $1 } == [true, false, false, true, true])
        let changed = try load(routes: routes.replacing("/bin/true", with: "/bin/false")).routes
        #expect(zip(last, changed).map { $0 == $1 } == [false, true, true, true, true])
    }

    @Test func aFileThatIsNotThereIsSaid() throws {
        #expect(throws: ConfigurationErrors.self) {
            try SettingsLoader.load(
                directory.path("nowhere.toml"), version: "test", now: MachineClock().wall,
                environment: MachineEnvironment())
        }
    }
}
