import MPushJSON

/// What a stream's program says of one message: a line on its standard output (docs/STREAM.md).
package struct StreamAnswer: Equatable, Sendable {
    package enum Word: Equatable, Sendable {
        /// It has the message for good.
        case done
        /// The message is to come again, after a wait where it asks for one.
        case retry(reason: String, wait: Duration?)
        /// The message is never to come again: it is a dead letter.
        case reject(reason: String)
    }

    /// The message's.
    package let id: String
    package let word: Word

    /// An answer about the message `id`.
    package init(id: String, _ word: Word) {
        self.id = id
        self.word = word
    }
}

/// Why a line is no answer, in words that follow "wrote a line that is no answer: ".
package struct StreamAnswerError: Error, Equatable, Sendable {
    package let message: String
}

extension StreamAnswer {
    /// No program can ask for a longer wait.
    package static let longestWait = Duration.seconds(3600)

    /// Reads `line`, without its end.
    package init(line: ArraySlice<UInt8>) throws(StreamAnswerError) {
        if let id = StreamAnswer.plainDone(line) {
            self.init(id: id, .done)
            return
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(line)
        } catch {
            throw StreamAnswerError(message: "it is \(error)")
        }
        guard case .object = value else { throw StreamAnswerError(message: "it is no JSON object") }
        guard let id = value["id"]?.string else { throw StreamAnswerError(message: "it has no id that is a string") }
        self.init(id: id, try StreamAnswer.word(value))
    }

    private static func word(_ value: JSONValue) throws(StreamAnswerError) -> Word {
        let (done, retry, reject) = (value["done"], value["retry"], value["reject"])
        guard [done, retry, reject].count(where: { $0 != nil }) == 1 else {
            throw StreamAnswerError(message: "it has to have one of done, retry and reject")
        }
        if let done {
            guard done.bool == true else { throw StreamAnswerError(message: "done has to be true") }
            return .done
        }
        if let retry {
            guard let reason = retry.string else { throw StreamAnswerError(message: "retry has to be a reason") }
            return .retry(reason: reason, wait: try wait(value["wait"]))
        }
        guard let reason = reject?.string else { throw StreamAnswerError(message: "reject has to be a reason") }
        return .reject(reason: reason)
    }

    private static func wait(_ value: JSONValue?) throws(StreamAnswerError) -> Duration? {
        guard let value else { return nil }
        guard let seconds = value.number, seconds >= 0 else {
            throw StreamAnswerError(message: "wait has to be a number of seconds")
        }
        return seconds < 3600 ? .milliseconds(Int64(seconds * 1000)) : longestWait
    }

    /// The id in `{"id": "…", "done": true}`, which is what most lines are; nil for any other.
    private static func plainDone(_ line: ArraySlice<UInt8>) -> String? {
        var line = PlainLine(line)
        guard skip("{", &line), skip("\"id\"", &line), skip(":", &line), let id = line.string(),
            skip(",", &line), skip("\"done\"", &line), skip(":", &line), skip("true", &line), skip("}", &line),
            line.isOver
        else { return nil }
        return id
    }

    /// Skips `word` with the spaces before and after it.
    private static func skip(_ word: StaticString, _ line: inout PlainLine) -> Bool {
        line.skipSpaces()
        guard line.skip(word) else { return false }
        line.skipSpaces()
        return true
    }
}

/// Cuts what a program writes into lines, with a bound.
struct AnswerLines: Sendable {
    /// Bytes of a line.
    static let longestLine = 64 * 1024

    private var rest: [UInt8] = []
    /// One was longer than it may be.
    private var isLost = false

    /// Calls `take` for each line that is complete with `piece`. False where one is longer than it may be: what comes after it
    /// cannot be told apart.
    mutating func add(_ piece: [UInt8], _ take: (ArraySlice<UInt8>) -> Void) -> Bool {
        guard !isLost else { return false }
        var begin = piece.startIndex
        while let end = piece[begin...].firstIndex(of: UInt8(ascii: "\n")) {
            guard rest.count + (end - begin) <= AnswerLines.longestLine else { return lose() }
            if rest.isEmpty {
                take(piece[begin..<end])
            } else {
                rest += piece[begin..<end]
                take(rest[...])
                rest.removeAll(keepingCapacity: true)
            }
            begin = end + 1
        }
        guard rest.count + (piece.endIndex - begin) <= AnswerLines.longestLine else { return lose() }
        rest += piece[begin...]
        return true
    }

    /// Keeps nothing any more of what comes.
    private mutating func lose() -> Bool {
        isLost = true
        rest = []
        return false
    }
}
