import MPushModel
import Testing

@testable import MPushRouting

/// What a stream's program writes, line by line.
@Suite struct StreamAnswerTests {
    private func read(_ line: String) -> Result<StreamAnswer, StreamAnswerError> {
        do throws(StreamAnswerError) { return .success(try StreamAnswer(line: Array(line.utf8)[...])) } catch {
            return .failure(error)
        }
    }

    @Test(arguments: [
        (#"{"id": "a", "done": true}"#, StreamAnswer(id: "a", .done)),
        (#"{"id":"a","done":true}"#, StreamAnswer(id: "a", .done)),
        (#"  { "id" : "ä€" , "done" : true }  "#, StreamAnswer(id: "ä€", .done)),
        (#"{"done": true, "id": "a"}"#, StreamAnswer(id: "a", .done)),
        (#"{"id": "a\"\\\u00e4", "done": true}"#, StreamAnswer(id: "a\"\\ä", .done)),
        (#"{"id": "a", "done": true, "more": [1, {}]}"#, StreamAnswer(id: "a", .done)),
        (#"{"id": "a", "retry": "busy"}"#, StreamAnswer(id: "a", .retry(reason: "busy", wait: nil))),
        (
            #"{"id": "a", "retry": "busy", "wait": 2.5}"#,
            StreamAnswer(id: "a", .retry(reason: "busy", wait: .seconds(2.5)))
        ),
        (#"{"id": "a", "retry": "", "wait": 0}"#, StreamAnswer(id: "a", .retry(reason: "", wait: .zero))),
        (#"{"id": "a", "reject": "no table b"}"#, StreamAnswer(id: "a", .reject(reason: "no table b"))),
    ])
    func anAnswerIsRead(line: String, answer: StreamAnswer) { #expect(read(line) == .success(answer)) }

    @Test(arguments: ["3600", "1e300", "86400"]) func noWaitIsLongerThanAnHour(wait: String) {
        #expect(
            read(#"{"id": "a", "retry": "x", "wait": \#(wait)}"#)
                == .success(StreamAnswer(id: "a", .retry(reason: "x", wait: .seconds(3600)))))
    }

    @Test(arguments: [
        ("[]", "it is no JSON object"), (#""a""#, "it is no JSON object"),
        (#"{"done": true}"#, "it has no id that is a string"),
        (#"{"id": 1, "done": true}"#, "it has no id that is a string"),
        (#"{"id": "a"}"#, "it has to have one of done, retry and reject"),
        (#"{"id": "a", "done": true, "reject": "x"}"#, "it has to have one of done, retry and reject"),
        (#"{"id": "a", "done": false}"#, "done has to be true"),
        (#"{"id": "a", "done": "true"}"#, "done has to be true"),
        (#"{"id": "a", "retry": true}"#, "retry has to be a reason"),
        (#"{"id": "a", "retry": "x", "wait": -1}"#, "wait has to be a number of seconds"),
        (#"{"id": "a", "retry": "x", "wait": "5"}"#, "wait has to be a number of seconds"),
        (#"{"id": "a", "reject": null}"#, "reject has to be a reason"),
    ])
    func whatIsWrongIsSaid(line: String, words: String) { #expect(read(line) == .failure(.init(message: words))) }

    @Test(arguments: ["done", "{", #"{"id": "a", "done": true"#, #"{"id": "a", "done": true} x"#, #"{"id": "a"x"#])
    func whatIsNoJSONIsSaid(line: String) {
        guard case .failure(let error) = read(line) else {
            Issue.record("\(line) was read")
            return
        }
        #expect(error.message.hasPrefix("it is ") && error.message.count > 10)
    }

    @Test func bytesThatAreNoTextAreNoId() {
        let line = Array(#"{"id": ""#.utf8) + [0xFF, 0xC0] + Array(#"", "done": true}"#.utf8)
        #expect(throws: StreamAnswerError.self) { try StreamAnswer(line: line[...]) }
    }

    /// The way of most lines and the general one say the same.
    @Test func aLineMeansTheSameHoweverItIsCutOrSpaced() {
        let line = Array(#"{"id": "m-1:ü", "done": true}"#.utf8)
        for cut in 1..<line.count {
            var (lines, seen) = (AnswerLines(), [[UInt8]]())
            #expect(lines.add(Array(line[..<cut])) { seen.append(Array($0)) })
            #expect(seen.isEmpty)
            #expect(lines.add(Array(line[cut...]) + [0x0A] + line + [0x0A, 0x7B]) { seen.append(Array($0)) })
            #expect(seen == [line, line])
        }
    }

    @Test func aLineHasABound() {
        let longest = [UInt8](repeating: 0x61, count: AnswerLines.longestLine)
        var (lines, count) = (AnswerLines(), 0)
        #expect(lines.add(longest + [0x0A]) { _ in count += 1 })
        #expect(count == 1)
        #expect(!lines.add(longest + [0x61, 0x0A]) { _ in count += 1 })
        lines = AnswerLines()
        #expect(lines.add(longest) { _ in count += 1 })
        #expect(!lines.add([0x61]) { _ in count += 1 })
        lines = AnswerLines()
        #expect(lines.add(longest) { _ in count += 1 })
        #expect(!lines.add([0x61, 0x0A]) { _ in count += 1 })
        // What comes after it is not kept, nor read.
        #expect(!lines.add([0x0A, 0x7B, 0x7D, 0x0A]) { _ in count += 1 })
        #expect(count == 1)
    }
}
