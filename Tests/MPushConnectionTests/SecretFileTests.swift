import Foundation
import MPushConfiguration
import MPushModel
import MPushPlatform
import MPushTestSupport
import Testing

@testable import MPushConnection

/// Files that hold a secret: what is taken of them, and that nothing of it is left behind in memory.
@Suite struct SecretFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func secret(_ content: [UInt8]) throws -> [UInt8] {
        let path = try directory.write("secret", content)
        return try SecretFile.read(
            FileReference(path: path, location: SourceLocation(file: "f", key: "k")),
            from: ReferencedFiles(MachineEnvironment())
        ).exposed
    }

    @Test(arguments: [
        ("tok", "tok"), ("tok\r\n", "tok"), ("\u{FEFF}tok\n\n", "tok"), (" tok ", " tok "), ("\n\ntok", "\n\ntok"),
        ("tok\u{FEFF}", "tok\u{FEFF}"), ("\u{FEFF}\u{FEFF}tok", "\u{FEFF}tok"),
    ])
    func theMarkAndTheLineEndsAreLeftOut(content: String, wanted: String) throws {
        #expect(try secret(Array(content.utf8)) == Array(wanted.utf8))
    }

    @Test func bytesOfAllKindsAreASecret() throws {
        let bytes: [UInt8] = [0xFF, 0xFE, 0x41, 0x42, 0x00, 0xC3, 0x0A, 0x00]
        #expect(try secret(bytes) == bytes)
        #expect(try secret([0xFE, 0xFF]) == [0xFE, 0xFF])
        #expect(try secret([UInt8](repeating: 0xFF, count: 4096)).count == 4096)
    }

    @Test(
        arguments: [
            ([0xFF, 0xFE, 0x74, 0, 0x6F, 0], "is text in UTF-16"),
            ([0xFE, 0xFF, 0, 0x74, 0, 0x6F], "is text in UTF-16"),
            ([0xEF, 0xBB, 0xBF, 0x0A], "1 to 4096 bytes, this one has 0."),
            ([UInt8](repeating: 0x41, count: 4097), "1 to 4096 bytes, this one has 4097."),
            ([UInt8](repeating: 0x41, count: 65537), "is longer than 64KiB"),
        ] as [([UInt8], String)])
    func whatIsNoSecretIsSaid(content: [UInt8], words: String) throws {
        let error = #expect(throws: ConfigurationProblem.self) { try secret(content) }
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
    }

    // MARK: - Memory

    private func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    /// What malloc(3) itself writes to the start of memory that is freed would hide a copy: the needle stands behind.
    private static let margin = [UInt8](repeating: 0x2E, count: 128)

    /// How often one of some lines of the client's key stands in memory.
    private func occurrencesOfKey() throws -> Int {
        try [5, 15, 25, 35, 45].reduce(0) { count, line in
            let needle = try #require(ProcessMemory.Needle(line: line, of: directory.path("client.key")))
            return count + (try #require(ProcessMemory.occurrences(of: needle)))
        }
    }

    /// Keys and certificates come of another process, so that they are in this one by way of their files alone.
    private func writeFiles(_ credential: ProcessMemory.Needle, _ hook: ProcessMemory.Needle) throws -> String {
        try run(
            "openssl", "req", "-x509", "-newkey", "rsa:4096", "-nodes", "-subj", "/CN=till-7", "-keyout",
            directory.path("client.key"), "-out", directory.path("client.pem"))
        try run("openssl", "rsa", "-in", directory.path("client.key"), "-pubout", "-out", directory.path("server.pem"))
        try run("chmod", "600", directory.path("client.key"))
        // The certificate stands in one file with its key, as is usual.
        let (certificate, key, both) = (
            directory.path("client.pem"), directory.path("client.key"), directory.path("both.pem")
        )
        try run("sh", "-c", "umask 077 && cat '\(key)' '\(certificate)' >'\(both)'")
        let start: [UInt8] = [0xEF, 0xBB, 0xBF] + Self.margin
        try #require(credential.write(to: directory.path("credential"), before: start, after: [0x0A]))
        try #require(hook.write(to: directory.path("hook.key"), before: Self.margin, after: [0x0D, 0x0A]))
        let text = """
            [server]
            endpoints = ["push.example.com:3443"]
            public_key = "\(directory.path("server.pem"))"
            [tls]
            ca_file = "\(directory.path("client.pem"))"
            client_certificate = "\(both)"
            client_key = "\(directory.path("client.key"))"
            [identity]
            user = "alice"
            credential_file = "\(directory.path("credential"))"
            [[route]]
            name = "hook"
            webhook = "https://one.example/"
            secret_file = "\(directory.path("hook.key"))"
            """
        return try directory.write("mpushd.toml", text.utf8)
    }

    /// As at a reload: what was loaded before is let go.
    @Test func nothingIsLeftOfSecretsThatWereLetGo() throws {
        let (credential, hook) = (ProcessMemory.Needle(count: 40), ProcessMemory.Needle(count: 40))
        let path = try writeFiles(credential, hook)
        var loaded: LoadedSettings? = try SettingsLoader.load(
            path, version: "test", now: MachineClock().wall, environment: MachineEnvironment())
        #expect(loaded?.warnings.isEmpty == true)
        #expect(ProcessMemory.occurrences(of: credential) == 1)
        #expect(ProcessMemory.occurrences(of: hook) == 1)
        // OpenSSL has made numbers of the text.
        #expect(try occurrencesOfKey() == 0)
        loaded = nil
        #expect(ProcessMemory.occurrences(of: credential) == 0)
        #expect(ProcessMemory.occurrences(of: hook) == 0)
    }

    /// A private key in the place of the server's public one.
    @Test func nothingIsLeftOfAKeyInTheWrongPlace() throws {
        let path = try writeFiles(ProcessMemory.Needle(count: 40), ProcessMemory.Needle(count: 40))
        try run("cp", directory.path("client.key"), directory.path("server.pem"))
        let errors = #expect(throws: ConfigurationErrors.self) {
            try SettingsLoader.load(path, version: "test", now: MachineClock().wall, environment: MachineEnvironment())
        }
        #expect(errors?.errors.first?.message.contains("this is a private key") == true)
        #expect(try occurrencesOfKey() == 0)
    }
}
