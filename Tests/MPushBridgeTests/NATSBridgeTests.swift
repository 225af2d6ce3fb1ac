import Foundation
import MPushModel
import MPushRouting
import MPushTestSupport
import Testing

/// The bridge to NATS against real servers.
@Suite(.enabled(if: PlayedNATS.isInstalled, "nats-server is not installed"), .timeLimit(.minutes(4)))
struct NATSBridgeTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func file(_ numbers: some Sequence<Int>) throws -> String {
        let lines = numbers.map { RunningBridge.line("m\($0)", "message \($0)", position: $0 + 1) + "\n" }
        return try directory.write("messages", lines.joined().utf8)
    }

    private func bridge(_ server: PlayedNATS, _ more: [String] = [], reading file: String? = nil) throws
        -> RunningBridge
    {
        try RunningBridge(["--url", server.url, "--subject", "push.{user}"] + more, of: .nats, reading: file)
    }

    // MARK: - Messages

    @Test func tenThousandMessagesAreInTheStreamInOrderOnce() throws {
        let server = try PlayedNATS(in: directory)
        try server.createStream()
        let messages = try file(0..<10_000)
        // The second time they come again, as after a crash.
        for _ in 0..<2 {
            let bridge = try bridge(server, reading: messages)
            let answers = try bridge.answers()
            #expect(try bridge.end() == (0, ""))
            #expect(answers == (0..<10_000).map { StreamAnswer(id: "m\($0)", .done) })
        }
        let state = try #require(try server.streamState())
        #expect(state == (10_000, 10_000))
        for number in [1, 5000, 10_000] {
            let message = try server.message(number)
            #expect(message.subject == "push.alice")
            #expect(message.headers.contains("Nats-Msg-Id: desk:\(number):m\(number - 1)\r\n"))
            #expect(message.content == Array("message \(number - 1)".utf8))
        }
    }

    /// A node is killed, the one that leads the stream and has the connection, while messages flow.
    @Test func aClusterLosesNothingAndHasNothingTwiceWhenItsLeaderIsKilled() throws {
        let servers = try PlayedNATS.cluster(in: directory)
        try servers[0].createStream(replicas: 3)
        let leader = try #require(try servers[0].streamLeader())
        let first = try #require(servers.first { $0.name == leader })
        let others = servers.filter { $0.name != leader }
        let count = 20_000
        var open = Set(0..<count)
        func take(_ answer: StreamAnswer) {
            if answer.word == .done, let number = Int(answer.id.dropFirst()) { open.remove(number) }
        }
        // As a route does: what was not confirmed comes again, in its order.
        var rounds = 0
        while !open.isEmpty, rounds < 100 {
            let bridge = try RunningBridge(
                ([first] + others).flatMap { ["--url", $0.url] } + ["--subject", "push.{user}"], of: .nats,
                reading: try file(open.sorted()))
            if rounds == 0 {
                while open.count > count - 3000, let answer = try bridge.answer() { take(answer) }
                first.kill()
            }
            for answer in try bridge.answers() {
                take(answer)
                if case .reject(let reason) = answer.word { Issue.record("\(answer.id): \(reason)") }
            }
            let end = try bridge.end()
            if rounds == 0 { #expect(end.status == 75 && open.count > 0, "\(end)") }
            #expect([0, 75].contains(end.status), "\(end.complaint)")
            rounds += 1
            // A new leader is elected.
            if !open.isEmpty { usleep(300_000) }
        }
        #expect(open.isEmpty)
        #expect(rounds > 1)
        let state = try #require(try others[0].streamState())
        #expect(state == (Int64(count), Int64(count)))
    }

    /// What it had confirmed to the pipe is confirmed; all else comes again, and the stream has it once.
    @Test func nothingIsLostOrTwiceWhenTheBridgeIsKilled() throws {
        let server = try PlayedNATS(in: directory)
        try server.createStream()
        var open = Set(0..<10_000)
        var kills = 0
        while !open.isEmpty, kills < 1000 {
            let bridge = try bridge(server, reading: try file(open.sorted()))
            let before = open.count
            func take(_ answer: StreamAnswer) { if let number = Int(answer.id.dropFirst()) { open.remove(number) } }
            while before - open.count < 700, let answer = try bridge.answer() { take(answer) }
            bridge.kill()
            kills += 1
            for answer in try bridge.answers(isCut: true) { take(answer) }
            _ = try bridge.end()
        }
        // A test that reads slowly finds more answers in the pipe each time.
        #expect(kills > 1)
        let state = try #require(try server.streamState())
        #expect(state == (10_000, 10_000))
    }

    @Test func whatCannotBePublishedIsRejectedAndTheRestGoesOn() throws {
        let server = try PlayedNATS(in: directory, ["max_payload: 4096"])
        try server.createStream(#","max_msg_size":1024"#)
        let bridge = try bridge(server)
        for (id, content, user) in [
            ("good", "x", "a"), ("space", "x", "a b"), ("empty", "x", ""), ("wildcard", "x", ">"),
            ("large", String(repeating: "x", count: 5000), "a"), ("larger", String(repeating: "x", count: 2000), "a"),
            ("last", "x", "c.d"),
        ] { try bridge.write(RunningBridge.line(id, content, user: user)) }
        try bridge.closeInput()
        let answers = Dictionary(uniqueKeysWithValues: try bridge.answers().map { ($0.id, $0.word) })
        #expect(try bridge.end() == (0, ""))
        #expect(answers["good"] == .done && answers["last"] == .done)
        #expect(
            answers["space"] == .reject(reason: "its subject has the character U+0020 in it, which it may not hold"))
        #expect(answers["empty"] == .reject(reason: "its subject begins or ends with a dot, or has two in a row"))
        #expect(
            answers["wildcard"] == .reject(reason: "its subject has > in it, which only those who subscribe may write"))
        #expect(
            answers["large"]
                == .reject(reason: "it is larger than the server takes, which is 4096 bytes (max_payload)"))
        guard case .reject(let reason)? = answers["larger"] else {
            Issue.record("\(String(describing: answers["larger"]))")
            return
        }
        #expect(reason.hasPrefix("the stream refused it: "), "\(reason)")
        #expect(try server.message(2).subject == "push.c.d")
    }

    @Test func aSubjectWithoutAStreamMayHaveOneLater() throws {
        let server = try PlayedNATS(in: directory)
        let bridge = try bridge(server)
        try bridge.write(RunningBridge.line("early", "x"))
        guard case .retry(let reason, nil)? = try bridge.answer()?.word else {
            Issue.record("it is not to come again")
            return
        }
        #expect(reason == "no stream of JetStream takes the subject push.alice now. Is there one, and has it a leader?")
        try server.createStream()
        try bridge.write(RunningBridge.line("late", "x"))
        #expect(try bridge.answer() == StreamAnswer(id: "late", .done))
        bridge.terminate()
        #expect(try bridge.end() == (0, ""))
    }

    @Test func aServerThatEndsEndsTheBridge() throws {
        let server = try PlayedNATS(in: directory)
        try server.createStream()
        let bridge = try bridge(server)
        try bridge.write(RunningBridge.line("m", "x"))
        #expect(try bridge.answer() == StreamAnswer(id: "m", .done))
        server.kill()
        let end = try bridge.end()
        #expect(end.status == 75)
        #expect(
            end.complaint.hasPrefix(
                "mpush-bridge-nats: 127.0.0.1:\(server.port): the connection to the server was lost"))
        try server.start()
        let second = try self.bridge(server)
        try second.write(RunningBridge.line("n", "x", position: 2))
        #expect(try second.answer() == StreamAnswer(id: "n", .done))
        try second.closeInput()
        #expect(try second.end() == (0, ""))
        #expect(try server.streamState()?.messages == 2)
    }

    /// With more on its way than the kernel takes: the library waits in the call then.
    @Test func aServerThatDoesNotReadEndsTheBridge() throws {
        let server = try PlayedNATS(in: directory)
        try server.createStream()
        let large = String(repeating: "x", count: 900_000)
        let lines = (0..<80).map { RunningBridge.line("m\($0)", large, position: $0 + 1) + "\n" }
        let bridge = try RunningBridge(
            ["--url", server.url, "--subject", "push.{user}"], of: .nats,
            reading: try directory.write("large", lines.joined().utf8), killedAfter: 60)
        for _ in 0..<5 { #expect(try bridge.answer()?.word == .done) }
        server.stop()
        _ = try bridge.answers()
        let end = try bridge.end()
        #expect(end.status == 75)
        // By a call that waits, or by a thread of the library, which closes the connection.
        let words = ["the server does not read what it is sent", "the connection to the server was lost"]
        #expect(words.contains { end.complaint.contains($0) }, "\(end.complaint)")
    }

    /// It takes the connection and says nothing: the library's call waits for four seconds.
    @Test func aServerThatSaysNothingDoesNotHoldTheEnd() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        let port = try LoopbackPort.bound(listener)
        try #require(listen(listener, 1) == 0)
        let bridge = try RunningBridge(["--url", "nats://127.0.0.1:\(port)", "--subject", "x"], of: .nats)
        let connection = accept(listener, nil, nil)
        defer { close(connection) }
        bridge.terminate()
        #expect(try bridge.end() == (0, ""))
    }

    @Test func aServerThatHangsDoesNotHoldTheEnd() throws {
        let server = try PlayedNATS(in: directory)
        try server.createStream()
        let bridge = try bridge(server)
        try bridge.write(RunningBridge.line("m", "x"))
        #expect(try bridge.answer() == StreamAnswer(id: "m", .done))
        server.stop()
        try bridge.write(RunningBridge.line("n", "x", position: 2))
        // A subject that is none is answered at once: the one before is on its way then.
        try bridge.write(RunningBridge.line("o", "x", user: ">", position: 3))
        #expect(try bridge.answer()?.id == "o")
        let clock = ContinuousClock()
        let start = clock.now
        bridge.terminate()
        let end = try bridge.end()
        #expect(end.status == 75)
        #expect(
            end.complaint.hasSuffix("1 messages were not confirmed before the bridge had to end\n"), "\(end.complaint)")
        // mpushd waits two seconds; this machine may be busy.
        #expect(clock.now - start < .milliseconds(4500))
    }

    // MARK: - Signing in

    @Test func aUserHasAPassword() throws {
        let users = """
            authorization { users = [{ user: push, password: right, permissions: { publish: { deny: "push.closed" } } }] }
            """
        let server = try PlayedNATS(in: directory, [users])
        let wrong = try bridge(server, ["--user", "push", "--password-file", try directory.write("w", "wrong\n".utf8)])
        try wrong.closeInput()
        let end = try wrong.end()
        #expect(end.status == 75)
        #expect(end.complaint.contains("the server refuses the connection: "), "\(end.complaint)")
        #expect(end.complaint.contains("--password-file"), "\(end.complaint)")
        let right = try bridge(server, ["--user", "push", "--password-file", try directory.write("r", "right\n".utf8)])
        try right.write(RunningBridge.line("no", "x", user: "closed"))
        guard case .retry(let reason, nil)? = try right.answer()?.word else {
            Issue.record("it is not to come again")
            return
        }
        #expect(reason.contains("ermissions"), "\(reason)")
        try right.closeInput()
        let rightEnd = try right.end()
        #expect(rightEnd == (0, ""), "\(rightEnd.complaint)")
        // What was of one message is no reason for the end of the connection, hours later.
        let later = try bridge(server, ["--user", "push", "--password-file", directory.path("r")])
        try later.write(RunningBridge.line("no", "x", user: "closed"))
        #expect(try later.answer()?.id == "no")
        server.kill()
        let lost = try later.end()
        #expect(lost.status == 75)
        #expect(!lost.complaint.contains("ermissions"), "\(lost.complaint)")
    }

    @Test func anNKeySignsIn() throws {
        let (known, other) = (try NKey("known", .user, in: directory), try NKey("other", .user, in: directory))
        let server = try PlayedNATS(in: directory, ["authorization { users = [{ nkey: \(known.name) }] }"])
        for (key, status) in [(known, Int32(0)), (other, 75)] {
            let bridge = try bridge(server, ["--nkey", key.name, "--seed-file", key.file])
            try bridge.closeInput()
            let end = try bridge.end()
            #expect(end.status == status, "\(end.complaint)")
        }
    }

    /// A server that trusts an operator, who trusts an account, which trusts a user.
    @Test func credentialsSignIn() throws {
        let keys = try [NKey.Kind.operator, .account, .user, .account, .account].enumerated().map { index, kind in
            try NKey("key\(index)", kind, in: directory)
        }
        let (all, account, user, stranger, system) = (keys[0], keys[1], keys[2], keys[3], keys[4])
        let limits = #""subs":-1,"data":-1,"payload":-1,"conn":-1,"leaf":-1,"imports":-1,"exports":-1,"wildcards":true"#
        // Not for the system's: it may store nothing.
        let storage = #","mem_storage":-1,"disk_storage":-1,"streams":-1,"consumer":-1"#
        let trusted = try all.token(for: all, "operator", in: directory)
        let accounts = try [(account, limits + storage), (system, limits)].map { key, limits in
            "\(key.name): \"\(try all.token(for: key, "account", "\"limits\":{\(limits)},", in: directory))\""
        }
        let server = try PlayedNATS(
            in: directory,
            [
                "operator: \(trusted)", "system_account: \(system.name)", "resolver: MEMORY",
                "resolver_preload: { \(accounts.joined(separator: ", ")) }",
            ])
        for (issuer, status) in [(account, Int32(0)), (stranger, 75)] {
            let token = try issuer.token(for: user, "user", #""subs":-1,"data":-1,"payload":-1,"#, in: directory)
            let file = try directory.write(
                "\(issuer.name).creds",
                """
                -----BEGIN NATS USER JWT-----
                \(token)
                ------END NATS USER JWT------

                -----BEGIN USER NKEY SEED-----
                \(try user.seed)
                ------END USER NKEY SEED------

                """.utf8)
            let bridge = try bridge(server, ["--credentials", file])
            try bridge.closeInput()
            let end = try bridge.end()
            #expect(end.status == status, "\(end.complaint)")
        }
    }

    @Test func theCertificateIsVerified() throws {
        let (own, other) = (try Authority("own", in: directory), try Authority("other", in: directory))
        let certificate = try own.issue("localhost", names: "DNS:localhost")
        let server = try PlayedNATS(
            in: directory, ["tls { cert_file: \"\(certificate.file)\", key_file: \"\(certificate.key)\" }"])
        func end(_ url: String, _ more: [String]) throws -> (status: Int32, complaint: String) {
            let bridge = try RunningBridge(["--url", url, "--subject", "x"] + more, of: .nats)
            try bridge.closeInput()
            return try bridge.end()
        }
        let (good, misnamed) = ("tls://localhost:\(server.port)", "tls://127.0.0.1:\(server.port)")
        #expect(try end(good, ["--authority", own.file]) == (0, ""))
        for (url, more) in [
            (good, ["--authority", other.file]), (good, []), (misnamed, ["--authority", own.file]),
        ] {
            let end = try end(url, more)
            #expect(end.status == 75)
            #expect(end.complaint.contains("TLS failed: "), "\(end.complaint)")
            #expect(end.complaint.contains("--authority"), "\(end.complaint)")
        }
        let plain = try end("nats://localhost:\(server.port)", [])
        #expect(plain.status == 75)
        #expect(plain.complaint.hasSuffix("Write tls:// in --url\n"), "\(plain.complaint)")
    }

    @Test func aClientCertificateIsShown() throws {
        let own = try Authority("own", in: directory)
        let certificate = try own.issue("localhost", names: "DNS:localhost")
        let client = try own.issue("client", names: "DNS:client")
        let server = try PlayedNATS(
            in: directory,
            [
                "tls { cert_file: \"\(certificate.file)\", key_file: \"\(certificate.key)\", ca_file: \"\(own.file)\", "
                    + "verify: true }"
            ])
        for options in [["--certificate", client.file, "--key", client.key], []] {
            let bridge = try RunningBridge(
                ["--url", "tls://localhost:\(server.port)", "--subject", "x", "--authority", own.file] + options,
                of: .nats)
            try bridge.closeInput()
            let end = try bridge.end()
            #expect(end.status == (options.isEmpty ? 75 : 0), "\(end.complaint)")
        }
    }
}
