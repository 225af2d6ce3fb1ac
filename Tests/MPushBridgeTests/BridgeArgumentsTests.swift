import Foundation
import Glibc
import MPushModel
import MPushRouting
import MPushTestSupport
import Testing

@testable import mpush_bridge_mqtt

@Suite struct BridgeArgumentsTests {
    private let needed = ["--url", "mqtts://broker.example", "--topic", "push/{user}"]

    @Test func allOptionsAreRead() throws {
        var settings = BridgeSettings(
            url: try BrokerURL(mqtt: "mqtts://broker.example"), topic: try TopicTemplate("push/{user}"))
        #expect(BridgeArguments(needed) == .settings(settings))
        settings.user = "me"
        settings.passwordFile = "/p"
        settings.authority = "/a"
        settings.certificate = "/c"
        settings.key = "/k"
        settings.clientID = "id"
        settings.version = .mqtt311
        settings.retains = true
        let more = [
            "--user", "me", "--password-file=/p", "--authority", "/a", "--certificate", "/c", "--key", "/k",
            "--client-id", "id", "--protocol", "3.1.1", "--retain",
        ]
        #expect(BridgeArguments(needed + more) == .settings(settings))
    }

    @Test(arguments: [
        ([], "--url is missing"), (["--url", "mqtt://h"], "--topic is missing"),
        (["--url"], "--url: a url must follow"),
        (["--url", "h", "--topic", "x"], "--url: \"h\" is not a URL"), (["x"], "x: no such option"),
        (["--url", "mqtt://h", "--topic", "a/#"], "--topic: \"a/#\" has # in it"),
        (["--url", "mqtt://h", "--topic", "x", "--key", "/k"], "--key needs --certificate"),
        (["--url", "mqtt://h", "--topic", "x", "--password-file", "/p"], "--password-file needs --user"),
        (["--url", "mqtt://h", "--topic", "x", "--authority", "/a"], "--authority is for TLS: write --url mqtts://h"),
        (["--url", "mqtt://h", "--topic", "x", "--protocol", "4"], "--protocol: \"4\" is not 5 or 3.1.1"),
        (["--retain=yes"], "--retain=yes: no such option"), (["--retain", "--retain"], "--retain: once only"),
    ])
    func whatIsWrongIsSaid(arguments: [String], words: String) {
        guard case .wrong(let what) = BridgeArguments(arguments) else {
            Issue.record("\(arguments) were read")
            return
        }
        #expect(what.hasPrefix(words), "\(what)")
    }

    @Test func theProgramSaysSo() throws {
        let outcome = try BuiltProgram.run("mpush-bridge-mqtt", ["--url"])
        #expect(outcome.status == 64)
        #expect(outcome.complaint.hasPrefix("mpush-bridge-mqtt: --url: a url must follow\nusage: "))
        #expect(try BuiltProgram.run("mpush-bridge-mqtt", ["--version"]).output.contains(ProgramVersion.current))
    }

    @Test func aBrokerThatIsNotThereIsSaid() throws {
        let port = try #require(PlayedBroker.freePort())
        let outcome = try BuiltProgram.run("mpush-bridge-mqtt", ["--url", "mqtt://127.0.0.1:\(port)", "--topic", "x"])
        #expect(outcome.status == 75)
        #expect(
            outcome.complaint == "mpush-bridge-mqtt: 127.0.0.1:\(port): there is no connection: connection refused. "
                + "Does the broker listen there?\n")
    }
}

/// A broker that speaks MQTT 3.1.1 alone.
@Suite(.timeLimit(.minutes(1))) struct VersionTests {
    @Test func theOlderVersionIsTriedWhereTheNewerIsRefused() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        let port = try #require(PlayedBroker.bound(listener))
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
