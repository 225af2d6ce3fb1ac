import Foundation
import MPushRouting
import MPushTestSupport
import Testing

/// The bridge to MQTT against a real broker.
@Suite(.enabled(if: PlayedBroker.isInstalled, "mosquitto or mosquitto_sub is not installed"), .timeLimit(.minutes(3)))
struct MQTTBridgeTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func file(_ lines: [String]) throws -> String {
        try directory.write("messages", (lines.joined(separator: "\n") + "\n").utf8)
    }

    private func messages(_ numbers: Range<Int>) -> [String] {
        numbers.map { RunningBridge.line("m\($0)", "message \($0)") }
    }

    /// What `numbers` come to behind the broker.
    private func expected(_ numbers: Range<Int>) -> [String] { numbers.map { "push/alice message \($0)" } }

    // MARK: - Messages

    @Test(arguments: ["5", "3.1.1"]) func tenThousandMessagesArriveInOrder(version: String) throws {
        let broker = try PlayedBroker(in: directory)
        try broker.subscribe()
        let bridge = try RunningBridge(
            ["--url", broker.url, "--topic", "push/{user}", "--protocol", version],
            reading: try file(messages(0..<10_000)))
        let answers = try bridge.answers()
        #expect(try bridge.end() == (0, ""))
        #expect(answers == (0..<10_000).map { StreamAnswer(id: "m\($0)", .done) })
        #expect(try broker.read(10_000) == expected(0..<10_000))
    }

    /// The broker goes in the middle and comes back: what was not answered comes again, as a route hands it over.
    @Test func nothingIsLostWhenTheBrokerRestarts() throws {
        let broker = try PlayedBroker(in: directory)
        try broker.subscribe()
        let count = 20_000
        let arguments = ["--url", broker.url, "--topic", "push/{user}"]
        let first = try RunningBridge(arguments, reading: try file(messages(0..<count)))
        var confirmed = 0
        while confirmed < 2000, let answer = try first.answer() {
            #expect(answer == StreamAnswer(id: "m\(confirmed)", .done))
            confirmed += 1
        }
        broker.stop()
        confirmed += try first.answers().count
        let end = try first.end()
        #expect(end.status == 75)
        #expect(end.complaint.contains("127.0.0.1:\(broker.port): the "), "\(end.complaint)")
        #expect(confirmed >= 2000 && confirmed < count)

        let away = try RunningBridge(arguments, reading: try file(messages(confirmed..<count)))
        #expect(try away.answers() == [])
        let endAway = try away.end()
        #expect(endAway.status == 75)
        #expect(endAway.complaint.contains("connection refused"), "\(endAway.complaint)")

        try broker.start()
        let second = try RunningBridge(arguments, reading: try file(messages(confirmed..<count)))
        #expect(try second.answers().count == count - confirmed)
        #expect(try second.end() == (0, ""))
        // What was on its way comes twice; with that, the order is kept.
        var seen = Set<String>()
        let read = try broker.read(count)
        let once = read.filter { seen.insert($0).inserted }
        #expect(once == expected(0..<count))
    }

    @Test func bytesThatAreNoTextArriveAsTheyAre() throws {
        let broker = try PlayedBroker(in: directory)
        try broker.subscribe()
        let bridge = try RunningBridge(["--url=\(broker.url)", "--topic=push/{id}"])
        try bridge.write(#"{"id":"b","content_base64":"AP8K"}"#)
        #expect(try bridge.answer() == StreamAnswer(id: "b", .done))
        try bridge.closeInput()
        #expect(try bridge.end().status == 0)
        #expect(try broker.read(1, format: "%t %x") == ["push/b 00ff0a"])
    }

    @Test func whatCannotBePublishedIsRejectedAndTheRestGoesOn() throws {
        let broker = try PlayedBroker(in: directory, ["allow_anonymous true", "message_size_limit 1000"])
        try broker.subscribe()
        let bridge = try RunningBridge(["--url", broker.url, "--topic", "push/{json:place}"])
        try bridge.write(RunningBridge.line("good", "{\"place\": \"a\"}"))
        try bridge.write(RunningBridge.line("bad", "{\"place\": \"#\"}"))
        try bridge.write(
            RunningBridge.line("large", "{\"place\": \"b\", \"x\": \"\(String(repeating: "x", count: 2000))\"}"))
        try bridge.write(#"{"id":"none"}"#)
        try bridge.write(RunningBridge.line("last", "{\"place\": \"c\"}"))
        try bridge.closeInput()
        let answers = Dictionary(uniqueKeysWithValues: try bridge.answers().map { ($0.id, $0.word) })
        let end = try bridge.end()
        #expect(end.status == 0, "\(end.complaint)")
        #expect(answers["good"] == .done)
        #expect(answers["bad"] == .reject(reason: "its topic has # in it, which only those who subscribe may write"))
        #expect(answers["large"] == .reject(reason: "the broker refused it: packet too large"))
        #expect(answers["none"] == .reject(reason: "it has neither content nor content_base64"))
        #expect(answers["last"] == .done)
        #expect(
            try broker.read(2) == ["push/a {\"place\": \"a\"}", "push/c {\"place\": \"c\"}"])
    }

    @Test func aTopicThatIsNotAllowedMayBeLater() throws {
        let rules = try directory.write("acl", "topic read push/#\ntopic readwrite push/open\n".utf8)
        let broker = try PlayedBroker(in: directory, ["allow_anonymous true", "acl_file \(rules)"])
        let bridge = try RunningBridge(["--url", broker.url, "--topic", "push/{user}"])
        try bridge.write(RunningBridge.line("no", "x", user: "closed"))
        #expect(
            try bridge.answer()
                == StreamAnswer(id: "no", .retry(reason: "the broker refused it: not authorised", wait: nil)))
        try bridge.write(RunningBridge.line("yes", "x", user: "open"))
        #expect(try bridge.answer() == StreamAnswer(id: "yes", .done))
        try bridge.closeInput()
        #expect(try bridge.end() == (0, ""))
    }

    @Test func itEndsInGoodOrderWhenItIsTold() throws {
        let broker = try PlayedBroker(in: directory)
        let bridge = try RunningBridge(["--url", broker.url, "--topic", "push/{user}"])
        try bridge.write(RunningBridge.line("m", "x"))
        #expect(try bridge.answer() == StreamAnswer(id: "m", .done))
        bridge.terminate()
        #expect(try bridge.end() == (0, ""))
    }

    // MARK: - Refusals

    @Test func aWrongPasswordIsSaid() throws {
        let passwords = directory.path("passwords")
        try directory.write("passwords", [])
        let made = try BuiltProgram.run("/usr/bin/mosquitto_passwd", ["-b", passwords, "push", "right"])
        try #require(made.status == 0)
        let broker = try PlayedBroker(in: directory, ["allow_anonymous false", "password_file \(passwords)"])
        for (password, version) in [("wrong", "5"), ("wrong", "3.1.1"), ("right", "5")] {
            let secret = try directory.write("secret", "\(password)\n".utf8)
            let bridge = try RunningBridge([
                "--url", broker.url, "--topic", "x", "--user", "push", "--password-file", secret, "--protocol", version,
            ])
            try bridge.closeInput()
            let end = try bridge.end()
            #expect(end.status == (password == "right" ? 0 : 75))
            guard password == "wrong" else { continue }
            #expect(end.complaint.contains("the broker refuses the connection: "), "\(end.complaint)")
            #expect(end.complaint.contains("--password-file"), "\(end.complaint)")
        }
    }

    @Test func theCertificateIsVerified() throws {
        let (own, other) = (try Authority("own", in: directory), try Authority("other", in: directory))
        let certificate = try own.issue("localhost", names: "DNS:localhost")
        let broker = try PlayedBroker(
            in: directory,
            ["allow_anonymous true", "certfile \(certificate.file)", "keyfile \(certificate.key)"])
        func complaint(_ host: String, _ more: [String]) throws -> (status: Int32, complaint: String) {
            let bridge = try RunningBridge(["--url", "mqtts://\(host):\(broker.port)", "--topic", "x"] + more)
            try bridge.closeInput()
            return try bridge.end()
        }
        #expect(try complaint("localhost", ["--authority", own.file]) == (0, ""))
        for untrusted in [["--authority", other.file], []] {
            let end = try complaint("localhost", untrusted)
            #expect(end.status == 75)
            #expect(end.complaint.contains("the broker's certificate is not trusted: "), "\(end.complaint)")
            #expect(end.complaint.contains("--authority"), "\(end.complaint)")
        }
        let misnamed = try complaint("127.0.0.1", ["--authority", own.file])
        #expect(misnamed.status == 75)
        #expect(misnamed.complaint.contains("certificate is for another name than 127.0.0.1"), "\(misnamed.complaint)")
        let missing = try complaint("localhost", ["--authority", "/nowhere.pem"])
        #expect(missing.status == 78)
        #expect(missing.complaint.contains("--authority: /nowhere.pem: no such file or directory"))
    }

    @Test func aClientCertificateIsShown() throws {
        let own = try Authority("own", in: directory)
        let certificate = try own.issue("localhost", names: "DNS:localhost")
        let client = try own.issue("client", names: "DNS:client")
        let broker = try PlayedBroker(
            in: directory,
            [
                "allow_anonymous true", "certfile \(certificate.file)", "keyfile \(certificate.key)",
                "cafile \(own.file)", "require_certificate true",
            ])
        for options in [["--certificate", client.file, "--key", client.key], []] {
            let bridge = try RunningBridge(
                ["--url", "mqtts://localhost:\(broker.port)", "--topic", "x", "--authority", own.file] + options)
            try bridge.closeInput()
            let end = try bridge.end()
            #expect(end.status == (options.isEmpty ? 75 : 0), "\(end.complaint)")
            if options.isEmpty { #expect(end.complaint.contains("does it want a --certificate?"), "\(end.complaint)") }
        }
    }
}
