import Foundation
import Glibc
import MPushCipher
import MPushJSON
import MPushModel
import MPushSimulator
import MPushTestSupport
import NIOCore
import Testing

/// mpushctl as its users call it, with the real daemon and without one.
@Suite struct CommandTests {
    private static let routes = """
        [[route]]
        name = "take"
        exec = ["/usr/bin/true"]
        [[route]]
        name = "never"
        exec = ["/usr/bin/false"]
        """

    /// Events are facts: what the journal leaves out is there all the same.
    @Test func eventsDoNotDependOnTheLogsLevel() async throws {
        try await PlayedDaemon.run(more: "[log]\nlevel = \"error\"") { daemon in
            let events = try daemon.ctl("events", "--json").output
            #expect(events.contains("\"event\":\"online\"") && events.contains("\"state\":\"online\""), "\(events)")
        }
    }

    @Test func withoutADaemonItSaysWhatToDo() throws {
        let outcome = try BuiltProgram.run("mpushctl", ["status", "--socket", "/nonexistent/mpushd.sock"])
        #expect(outcome.status == EX_UNAVAILABLE)
        #expect(outcome.output.isEmpty)
        #expect(outcome.complaint.contains("/nonexistent/mpushd.sock"), "\(outcome.complaint)")
    }

    @Test(arguments: [
        ["push"], ["ack", "1"], ["messages", "--limit", "0"], ["messages", "--route", "x"], ["follow", "x"],
    ])
    func wrongArgumentsAreUsage(arguments: [String]) throws {
        let outcome = try BuiltProgram.run("mpushctl", arguments)
        #expect(outcome.status == EX_USAGE)
        #expect(outcome.complaint.contains("Usage: mpushctl"), "\(outcome.complaint)")
    }

    @Test(arguments: [
        (["push", ""], "The message is empty."), (["push", "--ack", ""], "The message is empty."),
        (["push", "-"], "The message is empty: there is nothing on standard input."),
        (["tags", ""], "A tag is empty."), (["tags", "a", ""], "A tag is empty."),
        (["bind", "--tag", "", "bob"], "A tag is empty."),
    ])
    func whatIsEmptyIsNotSent(arguments: [String], words: String) throws {
        let outcome = try BuiltProgram.run("mpushctl", arguments + ["--socket", "/nonexistent/mpushd.sock"])
        #expect(outcome.status == EX_USAGE && outcome.complaint.contains(words), "\(arguments): \(outcome.complaint)")
    }

    @Test func looksAndSteers() async throws {
        try await PlayedDaemon.run(more: Self.routes) { daemon in
            for text in ["one", "two\u{1B}[31m", #"{"msgId":"three"}"#] { try await daemon.push(text) }
            let messages = try daemon.ctl("messages")
            #expect(messages.status == 0)
            #expect(messages.output.split(separator: "\n").count == 4, "\(messages.output)")
            #expect(!messages.output.contains("\u{1B}") && messages.output.contains("three"))
            #expect(messages.complaint.isEmpty, "\(messages.complaint)")
            let page = try daemon.ctl("messages", "--limit", "2")
            #expect(page.complaint.contains("--after 2"))

            #expect(try daemon.ctl("push", "--ack", "upstream").status == 0)
            let http = try daemon.ctl("http", "http://example.com/a")
            #expect(http.status == 0, "\(http.complaint)")
            #expect(try daemon.ctl("tags", "a", "b").status == 0)
            #expect(try await daemon.simulator.connections().get().first?.tags.contains("b") == true)
            #expect(try daemon.ctl("bind", "bob").status == 0)
            #expect(try await daemon.simulator.connections().get().first?.user == "bob")
            #expect(try daemon.ctl("unbind").status == 0)
            #expect(try daemon.ctl("bind", "alice").status == 0)
            #expect(try daemon.ctl("metrics").output.contains("mpush_messages_stored_total{identity=\"alice\"} 3"))

            let events = try daemon.ctl("events", "--json").output.split(separator: "\n")
            #expect(events.count >= 1)
            for event in events { #expect((try? JSONParser.parse(String(event))) != nil) }
            #expect(try daemon.ctl("pause").status == 0)
            let refused = try daemon.ctl("push", "x")
            #expect(refused.status == EX_TEMPFAIL && refused.complaint.contains("mpushctl resume"))
            #expect(try daemon.ctl("resume").status == 0)
        }
    }

    @Test func deadLettersAreListedSentAgainAndDiscarded() async throws {
        try await PlayedDaemon.run(more: Self.routes) { daemon in
            try await daemon.push("dead")
            var list = ""
            for _ in 0..<400 where !list.contains("never") { list = try daemon.ctl("dead-letters", "list").output }
            #expect(list.contains("/usr/bin/false ended with status 1"), "\(list)")
            #expect(try daemon.ctl("dead-letters", "send-again", "--route", "never", "--all").status == 0)
            list = ""
            for _ in 0..<400 where !list.contains("never") { list = try daemon.ctl("dead-letters", "list").output }
            #expect(try daemon.ctl("dead-letters", "discard", "--route", "never", "1").status == 0)
            #expect(try !daemon.ctl("dead-letters", "list").output.contains("never"))
            #expect(try daemon.ctl("dead-letters", "send-again", "--route", "nosuch", "--all").status == EX_DATAERR)
        }
    }

    /// Two routes give one message up, and a page has room for one.
    @Test func aPageOfDeadLettersSaysWhereTheNextBegins() async throws {
        let routes = ["first", "second"].map { "[[route]]\nname = \"\($0)\"\nexec = [\"/usr/bin/false\"]" }
        try await PlayedDaemon.run(more: routes.joined(separator: "\n")) { daemon in
            try await daemon.push("dead")
            var list = ""
            for _ in 0..<400 where !list.contains("first") || !list.contains("second") {
                list = try daemon.ctl("dead-letters", "list").output
            }
            let page = try daemon.ctl("dead-letters", "list", "--limit", "1")
            let shown = try #require(["first", "second"].first { page.output.contains($0) }, "\(page.output)")
            let other = shown == "first" ? "second" : "first"
            #expect(!page.output.contains(other), "\(page.output)")
            #expect(page.complaint.contains("There are more: --after 1 --after-route \(shown)"), "\(page.complaint)")
            let next = try daemon.ctl("dead-letters", "list", "--limit", "1", "--after", "1", "--after-route", shown)
            #expect(next.output.contains(other) && !next.output.contains(shown), "\(next.output)")
            #expect(next.complaint.isEmpty)
        }
    }

    @Test func aReloadIsOverWhenTheCommandEnds() async throws {
        try await PlayedDaemon.run { daemon in
            let good = try daemon.ctl("reload")
            #expect(good.status == 0, "\(good.output)")
            #expect(good.output.contains("configuration reloaded: 1 identity"), "\(good.output)")
            let text = try String(contentsOfFile: daemon.configuration, encoding: .utf8)
            try (text + "\n[nonsense]\n").write(toFile: daemon.configuration, atomically: true, encoding: .utf8)
            let bad = try daemon.ctl("reload", "--or-signal", "1")
            #expect(bad.status == EX_CONFIG)
            #expect(!bad.complaint.contains(#"\n"#))
            for words in ["nonsense: no such", "stays in force"] {
                #expect(bad.complaint.contains(words), "\(bad.complaint)")
            }
            #expect(!bad.complaint.contains("SIGHUP"))
            #expect(try daemon.ctl("status").status == 0)
        }
    }

    /// As the unit does where the API is switched off.
    @Test func aReloadCanBeASignalInstead() throws {
        let listener = """
            import os, signal
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
            print("ready", flush=True)
            os._exit(7 if signal.sigtimedwait([signal.SIGHUP], 60) else 1)
            """
        let sleeper = Process()
        let output = Pipe()
        sleeper.executableURL = URL(filePath: "/usr/bin/env")
        sleeper.arguments = ["python3", "-c", listener]
        sleeper.standardOutput = output
        try sleeper.run()
        #expect(try output.fileHandleForReading.read(upToCount: 6) == Data("ready\n".utf8))
        let outcome = try BuiltProgram.run(
            "mpushctl",
            ["reload", "--socket", "/nonexistent/socket", "--or-signal", "\(sleeper.processIdentifier)"])
        #expect(outcome.status == 0)
        #expect(outcome.complaint.contains("Sending SIGHUP"), "\(outcome.complaint)")
        sleeper.waitUntilExit()
        #expect(sleeper.terminationStatus == 7)
        let alone = try BuiltProgram.run("mpushctl", ["reload", "--socket", "/nonexistent/socket"])
        #expect(alone.status == EX_UNAVAILABLE)
    }

    /// A daemon that is full, broken or gone in the middle is there: a signal would end with 0 whatever comes of it.
    @Test(arguments: [
        ("too-many-connections", EX_TEMPFAIL, false), ("own-fault", EX_SOFTWARE, false),
        ("inbox-failing", EX_TEMPFAIL, false), ("", EX_TEMPFAIL, false), ("switched-off", EX_OK, true),
    ])
    func aSignalIsForWhereThereIsNoAPI(problem: String, status: CInt, isSignalled: Bool) throws {
        let body = #"{"type":"/problems/\#(problem)","title":"t","status":503,"detail":"the words of it"}"#
        let answer =
            problem.isEmpty
            ? ""
            : "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: "
                + "\(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
        let daemon = try AnsweringProcess(answer)
        let outcome = try BuiltProgram.run(
            "mpushctl", ["reload", "--socket", daemon.path, "--or-signal", "\(daemon.processIdentifier)"])
        #expect(outcome.status == status, "\(outcome.complaint)")
        #expect(outcome.complaint.contains("Sending SIGHUP") == isSignalled, "\(outcome.complaint)")
        if !problem.isEmpty { #expect(outcome.complaint.contains("the words of it")) }
        #expect(daemon.isSignalled() == isSignalled)
    }

    @Test func theDoctorWalksTheWay() async throws {
        try await PlayedDaemon.run { daemon in
            let good = try daemon.ctl("doctor", "--config", daemon.configuration)
            #expect(good.status == 0, "\(good.output)")
            for step in ["configuration", "name", "tcp", "tls", "handshake", "resume", "bind", "heartbeat"] {
                #expect(good.output.contains("\(step) "), "\(good.output)")
            }
            #expect(good.output.hasPrefix("no fault found: 127.0.0.1:"), "\(good.output)")
            // It has not taken the user from the daemon, which says which configuration it has.
            let asked = try daemon.ctl("doctor")
            #expect(asked.status == 0 && asked.output.contains(daemon.configuration), "\(asked.output)")
            #expect(try daemon.ctl("events").output.contains("connection-lost") == false)
            // Bound twice: the daemon is asked to take it back at once.
            let bound = try daemon.ctl("doctor", "--bind")
            #expect(bound.status == 0 && bound.complaint.contains("reconnects"), "\(bound.output)\(bound.complaint)")
            daemon.end()
            let alone = try daemon.ctl("doctor", "--config", daemon.configuration)
            #expect(alone.status == 0, "\(alone.output)")
            _ = try await daemon.simulator.shutDown().get()
            let closed = try daemon.ctl("doctor", "--config", daemon.configuration)
            #expect(closed.status == EX_UNAVAILABLE, "\(closed.output)")
            #expect(closed.output.contains("FAILED") && closed.output.contains("refused"), "\(closed.output)")
        }
    }

    @Test(arguments: [
        ("ca_file", "ca_file = \"OTHER-ca\"", "unknown authority"),
        ("[tls]", "[tls]\nserver_name = \"other.example\"", "other.example"),
        ("public_key", "public_key = \"OTHER\"", "server.public_key is not its key"),
    ])
    func theDoctorNamesWhatIsWrong(key: String, line: String, words: String) async throws {
        let daemon = try await PlayedDaemon()
        let other = daemon.directory.path + "/other"
        try Data(ThrowawayAuthority().certificatePEM).write(to: URL(filePath: other + "-ca"))
        try RSAPrivateKey.generate().publicKey.base64.write(toFile: other, atomically: true, encoding: .utf8)
        let lines = try String(contentsOfFile: daemon.configuration, encoding: .utf8).split(separator: "\n")
        let text = lines.map { $0.hasPrefix(key) ? line.replacing("OTHER", with: other) : String($0) }
        try text.joined(separator: "\n").write(toFile: daemon.configuration, atomically: true, encoding: .utf8)
        let outcome = try daemon.ctl("doctor", "--config", daemon.configuration)
        await daemon.tearDown()
        #expect(outcome.status != 0)
        #expect(outcome.output.contains("FAILED") && outcome.output.contains(words), "\(outcome.output)")
    }

    @Test(arguments: [
        (SimulatorFault.refuseBind, "bind", "refused"), (.sayNothingBeforeTLS, "tls", "within 1 s"),
        (.sayNothing, "handshake", "within 1 s"),
    ])
    func theDoctorNamesTheStepThatFails(fault: SimulatorFault, step: String, words: String) async throws {
        let daemon = try await PlayedDaemon(more: "[timeouts]\nhandshake = \"1s\"")
        let text = try String(contentsOfFile: daemon.configuration, encoding: .utf8)
        try text.replacing("[tls]", with: "[tls]\nhandshake_timeout = \"1s\"")
            .write(toFile: daemon.configuration, atomically: true, encoding: .utf8)
        try await daemon.simulator.inject(fault, into: .coming(at: .accepted)).get()
        let outcome = try daemon.ctl("doctor", "--bind", "--config", daemon.configuration)
        await daemon.tearDown()
        #expect(outcome.status != 0)
        let lines = outcome.output.split(separator: "\n")
        let failed = try #require(lines.first { $0.contains("FAILED") }, "\(outcome.output)")
        #expect(failed.hasPrefix(step), "\(outcome.output)")
        #expect(outcome.output.contains(words), "\(outcome.output)")
    }

    /// What a balancer does that has nothing behind it. The server's key is not to blame.
    @Test func theDoctorDoesNotBlameTheKeyForABareClose() async throws {
        let daemon = try await PlayedDaemon()
        try await daemon.simulator.inject(.close, into: .coming(at: .secured)).get()
        let outcome = try daemon.ctl("doctor", "--config", daemon.configuration)
        await daemon.tearDown()
        #expect(outcome.status == EX_UNAVAILABLE)
        #expect(outcome.output.contains("no MPush server runs behind it"), "\(outcome.output)")
        #expect(outcome.output.contains("refuses our client certificate"), "\(outcome.output)")
        #expect(!outcome.output.contains("server.public_key is"), "\(outcome.output)")
    }

    @Test func theDoctorNamesACertificateThatHasEnded() async throws {
        let year2020 = ThrowawayAuthority.defaultValidity.lowerBound
        let year2021 = WallTime(millisecondsSince1970: 1_609_459_200_000)
        let daemon = try await PlayedDaemon(validity: year2020...year2021)
        let outcome = try daemon.ctl("doctor", "--config", daemon.configuration)
        await daemon.tearDown()
        #expect(outcome.status != 0)
        #expect(outcome.output.contains("FAILED") && outcome.output.contains("2021-01-01"), "\(outcome.output)")
    }

    @Test func theDoctorSaysWhatIsWrongWithTheConfiguration() async throws {
        let outcome = try BuiltProgram.run("mpushctl", ["doctor", "--config", "/nonexistent/mpushd.toml"])
        #expect(outcome.status == EX_CONFIG)
        #expect(outcome.output.contains("/nonexistent/mpushd.toml"), "\(outcome.output)")
    }

    /// Two identities go the same way: that is no fault of the configuration.
    @Test func theDoctorWalksForSeveralIdentities() async throws {
        let daemon = try await PlayedDaemon()
        let text = try String(contentsOfFile: daemon.configuration, encoding: .utf8)
        try text.replacing(
            "[identity]\nuser = \"alice\"", with: "[[identity]]\nuser = \"alice\"\n[[identity]]\nuser = \"bob\""
        )
        .write(toFile: daemon.configuration, atomically: true, encoding: .utf8)
        let outcome = try daemon.ctl("doctor", "--config", daemon.configuration)
        let binding = try daemon.ctl("doctor", "--bind", "--config", daemon.configuration)
        await daemon.tearDown()
        #expect(
            outcome.status == 0 && outcome.output.contains("2 identities go this way: alice, bob"), "\(outcome.output)")
        #expect(binding.status == EX_USAGE && binding.output.contains("--identity"), "\(binding.output)")
    }
}
