import Foundation
import Glibc
import MPushBridge
import MPushModel
import MPushRouting
import MPushTestSupport
import Testing

@Suite struct BridgeArgumentsTests {
    private let needed = ["--url", "mqtts://broker.example", "--topic", "push/{user}"]

    @Test func allOptionsAreRead() throws {
        let more = [
            "--user", "me", "--password-file=/p", "--authority", "/a", "--certificate", "/c", "--key", "/k",
            "--client-id", "id", "--protocol", "3.1.1", "--retain",
        ]
        guard case .settings(let settings) = BridgeArguments(needed + more, of: .mqtt) else {
            Issue.record("they were not read")
            return
        }
        #expect(settings.urls == [try BrokerURL("mqtts://broker.example", of: .mqtt)])
        #expect(settings.topic == (try TopicTemplate("push/{user}", of: .mqtt)))
        let texts: [BridgeKey: String] = [
            .user: "me", .passwordFile: "/p", .authority: "/a", .certificate: "/c", .key: "/k", .clientID: "id",
            .protocolVersion: "3.1.1", .retain: "",
        ]
        for (key, text) in texts { #expect(settings[key] == text, "\(key)") }
        guard case .settings(let few) = BridgeArguments(needed, of: .mqtt) else {
            Issue.record("they were not read")
            return
        }
        for key in texts.keys { #expect(few[key] == nil, "\(key)") }
    }

    @Test func severalServersAreRead() throws {
        let arguments = ["--url", "nats://a", "--subject", "s", "--url=nats://b:5"]
        guard case .settings(let settings) = BridgeArguments(arguments, of: .nats) else {
            Issue.record("they were not read")
            return
        }
        #expect(settings.urls.map(\.place) == ["a:4222", "b:5"])
    }

    @Test(arguments: [
        ([], "--url is missing"), (["--url", "mqtt://h"], "--topic is missing"),
        (["--url"], "--url: a url must follow"),
        (["--url", "h", "--topic", "x"], "--url: \"h\" is not a URL"), (["x"], "x: no such option"),
        (["--url", "mqtt://h", "--topic", "a/#"], "--topic: \"a/#\" has # in it"),
        (["--url", "mqtt://h", "--topic", "x", "--key", "/k"], "--key needs --certificate"),
        (["--url", "mqtt://h", "--topic", "x", "--password-file", "/p"], "--password-file needs --user"),
        (
            ["--url", "mqtt://h", "--topic", "x", "--authority", "/a"],
            "--authority is for TLS: write mqtts:// in --url"
        ),
        (["--url", "mqtt://h", "--topic", "x", "--protocol", "4"], "--protocol: \"4\" is not 5 or 3.1.1"),
        (["--url", "mqtt://h", "--url", "mqtt://i", "--topic", "x"], "--url: once only"),
        (["--url=mqtt://me:secret@b"], "--url: names a user, "), (["--url", "me:secret@b"], "--url: is not a URL. "),
        (["--url", "nats://me:secret@x@b"], "--url: is not a URL of MQTT. "),
        (["--ur=mqtt://me:secret@b"], "--ur=mqtt://…@b: no such option"),
        (["mqtt://me:secret@b"], "mqtt://…@b: no such option"),
        (["--topic", "mqtt://me:secret@b/+"], "--topic: \"mqtt://…@b/+\" has + in it"),
        (["--retain=yes"], "--retain=yes: no such option"), (["--retain", "--retain"], "--retain: once only"),
    ])
    func whatIsWrongIsSaid(arguments: [String], words: String) {
        guard case .wrong(let what) = BridgeArguments(arguments, of: .mqtt) else {
            Issue.record("\(arguments) were read")
            return
        }
        #expect(what.hasPrefix(words), "\(what)")
        #expect(!what.contains("secret"))
    }

    @Test(arguments: BrokerKind.allCases) func theProgramSaysSo(broker: BrokerKind) throws {
        let outcome = try BuiltProgram.run(broker.program, ["--url"])
        #expect(outcome.status == 64)
        #expect(outcome.complaint.hasPrefix("\(broker.program): --url: a url must follow\nusage: "))
        #expect(try BuiltProgram.run(broker.program, ["--version"]).output.contains(ProgramVersion.current))
        let help = try BuiltProgram.run(broker.program, ["--help"]).output
        let dump = try BuiltProgram.run(broker.program, ["--dump-help"]).output
        for option in broker.options {
            #expect(help.contains("  \(option.key.typed)"))
            #expect(dump.contains("\"\(option.key.rawValue)\""))
        }
    }

    @Test(arguments: BrokerKind.allCases) func aFileThatIsMissingIsSaid(broker: BrokerKind) throws {
        let outcome = try BuiltProgram.run(
            broker.program,
            [
                "--url", "\(broker.scheme(isEncrypted: true))://127.0.0.1:1", broker.topicKey.typed, "x", "--authority",
                "/nowhere.pem",
            ])
        #expect(outcome.status == 78)
        #expect(outcome.complaint.contains("--authority: /nowhere.pem: no such file or directory"))
    }

    @Test(arguments: [
        (BrokerKind.mqtt, "there is no connection: connection refused. Does the broker listen there?\n"),
        (.nats, "there is no connection. Does a server of NATS listen there?\n"),
        (.kafka, "no broker takes the connection: "),
    ])
    func aBrokerThatIsNotThereIsSaid(broker: BrokerKind, words: String) throws {
        // It does not know the threads of librdkafka (thrd_create(3)).
        guard broker != .kafka || !ThreadSanitizer.isOn else { return }
        let port = try LoopbackPort.unused()
        let outcome = try BuiltProgram.run(
            broker.program,
            ["--url", "\(broker.scheme(isEncrypted: false))://127.0.0.1:\(port)", broker.topicKey.typed, "x"])
        #expect(outcome.status == 75)
        #expect(outcome.complaint.hasPrefix("\(broker.program): 127.0.0.1:\(port): \(words)"), "\(outcome.complaint)")
    }
}

/// A broker that speaks MQTT 3.1.1 alone.
@Suite(.timeLimit(.minutes(1))) struct VersionTests {
    @Test func theOlderVersionIsTriedWhereTheNewerIsRefused() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        let port = try LoopbackPort.bound(listener)
        try #require(listen(listener, 4) == 0)
        let bridge = try RunningBridge(["--url", "mqtt://127.0.0.1:\(port)", "--topic", "x"])
        try bridge.closeInput()
        var levels: [UInt8] = []
        for answer: UInt8 in [1, 0] {
            let connection = accept(listener, nil, nil)
            var request = [UInt8](repeating: 0, count: 256)
            // The protocol's name, its level and more come at once.
            try #require(Glibc.read(connection, &request, request.count) > 9)
            levels.append(request[8])
            let response: [UInt8] = [0x20, 2, 0, answer]
            try #require(Glibc.write(connection, response, 4) == 4)
            // DISCONNECT, or the end.
            while Glibc.read(connection, &request, request.count) > 0 {}
            close(connection)
        }
        #expect(levels == [5, 4])
        #expect(try bridge.end() == (0, ""))
    }
}
