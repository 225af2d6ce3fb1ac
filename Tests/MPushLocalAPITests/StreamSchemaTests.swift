import MPushJSON
import MPushModel
import MPushRouting
import MPushTestSupport
import Testing

@testable import MPushDelivery

/// docs/stream.schema.json says what streams are given, and what they may answer: no more, no less.
@Suite struct StreamSchemaTests {
    private let file: OpenAPIFile

    init() throws { file = try OpenAPIFile("docs/stream.schema.json") }

    @Test(arguments: [Array("hello".utf8), [0xFF, 0xFE], []]) func aMessageIsAsDescribed(content: [UInt8]) throws {
        var line: [UInt8] = []
        MessageLine.append(Samples.message(content), attempt: 3, to: &line)
        let read = try JSONParser.parse(line)
        #expect(file.faults(of: read, as: "Message") == [])
        #expect(read["attempt"]?.integer == 3)
        #expect((read["content"] == nil) == (content.first == 0xFF))
        #expect(file.faults(of: read, as: "Answer") != [])
    }

    @Test(arguments: [
        #"{"id": "a", "done": true}"#, #"{"id": "a", "retry": "x"}"#, #"{"id": "a", "retry": "x", "wait": 1.5}"#,
        #"{"id": "a", "reject": "x"}"#, #"{"id": "a", "retry": "x", "wait": 0}"#,
        // These are wrong.
        #"{"id": "a"}"#, #"{"id": 1, "done": true}"#, #"{"done": true}"#, #"{"id": "a", "done": false}"#,
        #"{"id": "a", "done": true, "retry": "x"}"#, #"{"id": "a", "retry": "x", "reject": "x"}"#,
        #"{"id": "a", "retry": true}"#, #"{"id": "a", "retry": "x", "wait": -1}"#,
        #"{"id": "a", "retry": "x", "wait": "5"}"#, #"{"id": "a", "reject": 5}"#, #"["a"]"#,
    ])
    func whatIsDescribedIsWhatIsTaken(line: String) throws {
        let isTaken = (try? StreamAnswer(line: Array(line.utf8)[...])) != nil
        let faults = file.faults(of: try JSONParser.parse(line), as: "Answer")
        #expect(faults.isEmpty == isTaken, "\(faults)")
    }
}
