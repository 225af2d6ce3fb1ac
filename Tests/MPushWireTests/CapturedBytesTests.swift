import MPushTestSupport
import MPushWire
import NIOCore
import Testing

/// What a running server and its Java client said, as captured between them.
@Suite struct CapturedBytesTests {
    @Test(arguments: SessionVectors.names)
    func everyFrameOfTheCapturesIsRead(name: String) throws {
        let session = try SessionVectors.load(name)
        for direction in ["c2s", "s2c"] {
            for connection in Set(session.chunks.map(\.conn)) {
                let expected = session.frames.filter { $0.conn == connection && $0.dir == direction }
                let chunks = session.chunks.filter { $0.conn == connection && $0.dir == direction }
                let elements = try decode(chunks.map(\.hex))
                #expect(elements.map(summary) == expected.map(summary))
            }
        }
    }

    private struct BadInputs: Decodable {
        let cases: [Case]

        struct Case: Decodable {
            let name: String
            let reply: [Reply]?
        }

        struct Reply: Decodable {
            let cmd: String
            let flags: UInt8
            let sessionId: Int32
            let body: String
            let err_cmd: UInt8?
            let err_code: Int8?
            let reason: String?
            let ok_cmd: UInt8?
            let ok_code: Int8?
            let data: String?
        }
    }

    @Test func everyAnswerToBadInputIsRead() throws {
        let inputs: BadInputs = try Fixture.json("vectors/bad_inputs.json")
        var read = 0
        for reply in inputs.cases.flatMap({ $0.reply ?? [] }) where reply.cmd != "HEARTBEAT" && reply.flags == 0 {
            let command = try #require(Self.commands[reply.cmd])
            let body = ByteBuffer(bytes: try #require(bytes(hex: reply.body)))
            switch try ServerMessage(command: command, body: body) {
            case .error(let error):
                #expect(error.command.rawValue == reply.err_cmd)
                #expect(error.code.rawValue == reply.err_code)
                #expect(error.reason == reply.reason)
                #expect(error.data == reply.data)
            case .ok(let ok):
                #expect(ok.command.rawValue == reply.ok_cmd)
                #expect(ok.code.rawValue == reply.ok_code)
                #expect(ok.data == reply.data)
            case .fastConnect(let answer):
                #expect(answer.heartbeat >= .seconds(3))
            case .ack:
                #expect(body.readableBytes == 0)
            case let other:
                Issue.record("\(other)")
            }
            read += 1
        }
        #expect(read >= 35)
    }

    private static let commands = Dictionary(
        uniqueKeysWithValues: (1...24 as ClosedRange<UInt8>).map { number in
            let command = Command(rawValue: number)
            return (command.description, command)
        })

    private func decode(_ chunks: [String]) throws -> [FrameDecoder.Element] {
        var decoder = FrameDecoder(maximumBody: 1 << 20)
        var elements: [FrameDecoder.Element] = []
        for chunk in chunks {
            decoder.append(ByteBuffer(bytes: try #require(bytes(hex: chunk))))
            while let element = try decoder.next() { elements.append(element) }
        }
        return elements
    }

    private func summary(_ element: FrameDecoder.Element) -> String {
        switch element {
        case .heartbeat: "HEARTBEAT 0 0"
        case .frame(let frame), .skipped(let frame, _): "\(frame.command) \(frame.flags.rawValue) \(frame.sessionID)"
        }
    }

    private func summary(_ frame: SessionVectors.Frame) -> String {
        "\(frame.cmd ?? "?") \(frame.flags ?? 0) \(frame.sessionId ?? 0)"
    }
}
