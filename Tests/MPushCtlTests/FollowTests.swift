import Foundation
import Glibc
import MPushJSON
import MPushTestSupport
import Testing

/// The API with the real curl, and followers that are cut.
@Suite struct FollowTests {
    @Test func everyQuestionIsAnsweredToCurl() async throws {
        try await PlayedDaemon.run { daemon in
            try await daemon.push("hello")
            for path in ["status", "messages", "consumers", "dead-letters", "events"] {
                let answer = try daemon.curl("/v1/\(path)")
                #expect(answer.status == 200, "\(path)")
                #expect((try? JSONParser.parse(answer.output)) != nil, "\(answer.output)")
                #expect(path == "consumers" || path == "dead-letters" || answer.output.contains("alice"), "\(path)")
            }
            #expect(try daemon.curl("/healthz").status == 200)
            #expect(try daemon.curl("/metrics").output.contains("# TYPE mpush_messages_received_total counter"))
            let sent = try daemon.curl("/v1/push", "--json", #"{"content":"up","ack":true}"#)
            #expect(sent.status == 200, "\(sent.output)")
            let wrong = try daemon.curl("/v1/push", "--json", #"{"contents":"up"}"#)
            #expect(wrong.status == 400 && wrong.output.contains("content"), "\(wrong.output)")
            #expect(try daemon.curl("/v1/nothing").status == 404)
            #expect(try daemon.curl("/v1/status", "-X", "DELETE").status == 405)
        }
    }

    @Test func aFollowerThatIsCutMissesNothing() async throws {
        try await PlayedDaemon.run { daemon in
            // The name begins here, before the first message.
            try daemon.begin("till")
            for number in 1...3 { try await daemon.push("message \(number)") }
            let first = try follow(daemon, 3)
            #expect(first == ["message 1", "message 2", "message 3"])
            #expect(try daemon.ctl("ack", "--consumer", "till", "1").status == 0)
            // Killed, and started again: what was not acknowledged comes again, and what came in between.
            daemon.end(SIGKILL)
            try await daemon.start()
            try await daemon.push("message 4")
            #expect(try follow(daemon, 3) == ["message 2", "message 3", "message 4"])
            #expect(try daemon.ctl("ack", "--consumer", "till", "--up-to", "4").status == 0)
            #expect(try daemon.cursor("till") == 4)
            #expect(try daemon.ctl("ack", "--consumer", "nobody", "1").status == EX_DATAERR)
        }
    }

    /// The first messages that a follower gets, who is cut then.
    private func follow(_ daemon: PlayedDaemon, _ count: Int) throws -> [String] {
        let follower = try TalkingProcess(
            "/usr/bin/curl",
            ["-sSN", "--unix-socket", daemon.socket, "http://localhost/v1/messages/follow?consumer=till"],
            environment: [:])
        var contents: [String] = []
        while contents.count < count {
            let line = try follower.line()
            guard case .object(let members)? = try? JSONParser.parse(line),
                case .string(let content)? = members.first(where: { $0.name == "content" })?.value
            else { continue }
            contents.append(content)
        }
        follower.kill()
        return contents
    }
}
