import Foundation
import MPushCipher
import MPushSimulator
import MPushTLS
import MPushTestSupport
import NIOCore
import Testing

/// mpush-sim as its users meet it.
@Suite(.timeLimit(.minutes(1))) struct ProgramTests {
    @Test func servesAClientThatHasItsFilesAndObeysWhatIsTyped() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "mpush-sim-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let program = try RunningProgram(["serve", "--listen", "127.0.0.1:0", "--directory", directory.path])
        let line = try #require(try program.line(with: "listening on "))
        #expect(line.hasSuffix(" (TLS)"))
        let endpoint = String(line.dropFirst("listening on ".count).dropLast(" (TLS)".count))
        let configuration = try String(contentsOf: directory.appending(path: "client.toml"), encoding: .utf8)
        #expect(configuration.contains("endpoints  = [\"\(endpoint)\"]"))

        var client = try await connect(to: endpoint, with: directory)
        try program.type("push alice from afar --biz-ack")
        let push = try await client.nextFrame()
        #expect(try client.open(push) == ByteBuffer(string: "from afar"))
        try await client.acknowledge(push)
        #expect(try program.line(with: "ack ")?.contains("alice") == true)
        try program.type("nonsense")
        #expect(try program.line(with: "nonsense")?.contains("no such command") == true)
        try program.type("push bob hello")
        #expect(try program.line(with: "bob") == "bob is not bound")
        try program.type("kick bob")
        #expect(try program.line(with: "bob") == "bob is not bound")
        try program.type("late 2s")
        #expect(try program.line(with: "from now on") == "from now on: answer 2 s late")
        try program.type("late 0")
        #expect(try program.line(with: "no more") == "no more: answer late")
        try program.type("quit")
        #expect(await client.next() == .closed(left: 0))
        #expect(try program.end().status == 0)
    }

    @Test func endsAtSIGTERMAndNotAtTheEndOfItsInput() throws {
        let program = try RunningProgram(["--listen", "[::1]:0", "--plaintext"])
        #expect(try program.line(with: "listening on [::1]:")?.hasSuffix(" (plain TCP)") == true)
        try program.type("list")
        try program.closeInput()
        #expect(try program.line(with: "no connections") != nil)
        program.terminate()
        let (status, complaint) = try program.end()
        #expect(status == 0 && complaint.isEmpty)
    }

    @Test func endsAtTheEndOfItsInputWhenToldTo() throws {
        let program = try RunningProgram(["--listen", "127.0.0.1:0", "--until-eof"])
        try program.closeInput()
        #expect(try program.end().status == 0)
    }

    @Test func saysWhatToDoWhereThePortIsTaken() throws {
        let first = try RunningProgram(["--listen", "127.0.0.1:0", "--plaintext"])
        let line = try #require(try first.line(with: "listening on "))
        let address = try #require(line.split(separator: " ").dropFirst(2).first)
        let second = try RunningProgram(["--listen", String(address)])
        let (status, complaint) = try second.end()
        #expect(status == 69)
        #expect(
            complaint.contains("Address already in use. To take a free port: --listen 127.0.0.1:0."), "\(complaint)")
    }

    // MARK: - try

    /// What the user types is said by what is printed, up to the end.
    @Test func leadsThroughTheFirstFiveMinutesAndLeavesNothingBehind() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "try-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = try RunningProgram(["try"], environment: ["TMPDIR": folder.path, "PATH": "/usr/bin:/bin"])
        let push = try #require(try program.line(with: "    push alice "))
        try program.type(push.trimmingCharacters(in: .whitespaces))
        #expect(try program.line(with: "a program has: Good morning") != nil)
        let socket = try #require(try program.line(with: "    export MPUSHD_SOCKET=")).split(separator: "=")[1]
        let status = try #require(try program.line(with: "mpushctl status")).split(separator: " ").map(String.init)
        let shown = try BuiltProgram.run(status[0], [status[1], "--socket", String(socket)])
        #expect(shown.status == 0 && shown.output.contains("online"), "\(shown)")
        let drop = try #require(try program.line(with: "    drop"))
        try program.type(drop.trimmingCharacters(in: .whitespaces))
        #expect(try program.line(with: "Ctrl-C ends it all") != nil)
        program.interrupt()
        let (end, complaint) = try program.end()
        #expect(end == 0 && complaint.isEmpty, "\(complaint)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test func saysWhereMpushdIsMissing() throws {
        let program = try RunningProgram(["try", "--mpushd", "/nowhere/mpushd"])
        let (status, complaint) = try program.end()
        #expect(status == 66 && complaint.contains("/nowhere/mpushd: No such file"), "\(complaint)")
    }

    @Test(arguments: [
        (["--listen", "nowhere"], Int32(64), "nowhere is not an address"),
        (["tray"], 64, "mpush-sim: There is no command \"tray\". There are: serve, try, demo."),
        (["--plaintext", "--certificate", "a", "--key", "b"], 64, "--plaintext cannot be used with certificates."),
        (["--certificate", "/nowhere/a.pem", "--key", "b"], 66, "/nowhere/a.pem: No such file or directory"),
        (["--certificate", "/dev/null", "--key", "/dev/null"], 65, "the certificate"),
        (["--directory", "/proc/nowhere"], 73, "/proc/nowhere: "),
        (["--listen", "192.0.2.1:1"], 69, "cannot listen at 192.0.2.1:1: Cannot assign requested address"),
    ])
    func saysWhyItCannotServe(arguments: [String], status: Int32, words: String) throws {
        let program = try RunningProgram(arguments)
        let end = try program.end()
        #expect(end.status == status)
        #expect(end.complaint.contains(words), "\(end.complaint)")
    }

    private func connect(to endpoint: String, with directory: URL) async throws -> TestClient {
        let address = try #require(ListenAddress(endpoint))
        var settings = TLSClientSettings()
        settings.authorities = .pem(Array(try Data(contentsOf: directory.appending(path: "ca.pem"))))
        let key = try RSAPublicKey(Array(try Data(contentsOf: directory.appending(path: "server-rsa.pem"))))
        var client = try await TestClient.connect(
            to: SocketAddress(ipAddress: address.host, port: address.port), tls: TLSContext(client: settings))
        #expect(await client.next() == .secured)
        try await client.handshake(device: "device", key)
        _ = try await client.bind("alice")
        return client
    }
}
