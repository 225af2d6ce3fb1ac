import MPushModel
import Testing

@testable import MPushRouting

/// What a stream's program was given, and what it says of it.
@Suite struct StreamExchangeTests {
    private var exchange = StreamExchange(timeLimit: .seconds(30))
    private let start = Instant.zero + .seconds(1000)

    private mutating func write(_ ids: String..., after wait: Duration = .zero) {
        for id in ids { #expect(exchange.write(id, now: start + wait) != nil) }
    }

    private mutating func hear(_ text: String, after wait: Duration = .zero) -> StreamExchange.Heard {
        exchange.heard(Array(text.utf8), at: start + wait)
    }

    private func done(_ ids: String...) -> String { ids.map { "{\"id\": \"\($0)\", \"done\": true}\n" }.joined() }

    @Test mutating func answersEndAttemptsInTheOrderInWhichTheyCome() {
        write("a", "b", "c", "d")
        let text =
            done("c") + "{\"id\": \"a\", \"retry\": \"busy\", \"wait\": 2}\r\n\n"
            + "{\"id\": \"d\", \"reject\": \"bad\"}\n{\"id\": \"b\", \"retry\": \"\"}\n"
        let heard = hear(text)
        #expect(heard.ends.map(\.id) == ["c", "a", "d", "b"])
        #expect(
            heard.ends.map(\.result) == [
                .confirmed, .failed("busy", retryAfter: .seconds(2)), .rejected("bad"),
                .failed("without a reason", retryAfter: nil),
            ])
        #expect(heard.complaint == nil && exchange.count == 0 && exchange.deadline == nil && exchange.oldest == nil)
    }

    /// A second answer is for nothing, and so is one for a message that it never had: both are said, and do no harm.
    @Test mutating func anAnswerForNothingDoesNoHarm() {
        write("a", "b")
        let heard = hear(done("a", "a", "stranger"))
        #expect(heard.ends.map(\.id) == ["a"] && heard.complaints == 2)
        #expect(heard.complaint == "answered for message a, which it was not given or has answered for")
        #expect(exchange.oldest == "b" && exchange.count == 1)
        #expect(hear(done("b")).ends.map(\.id) == ["b"])
    }

    @Test mutating func whatIsNoAnswerIsSaidWithinBounds() {
        write("a")
        let heard = hear("starting\n" + done("a") + String(repeating: "x", count: 5000) + "\n\u{1B}[31m\n")
        #expect(heard.ends.map(\.id) == ["a"] && heard.complaints == 3 && !heard.isLost)
        #expect(heard.complaint?.hasPrefix("wrote a line that is no answer: it is ") == true)
        #expect(heard.complaint?.hasSuffix(": starting") == true)
        let escape = hear("\u{1B}[31m\n")
        #expect(escape.complaint?.unicodeScalars.allSatisfy { $0.value >= 0x20 } == true, "\(escape.complaint ?? "")")
        #expect((hear(String(repeating: "x", count: 60_000) + "\n").complaint?.utf8.count ?? 0) < 300)
    }

    @Test mutating func aLineWithoutAnEndIsTheEndOfUnderstanding() {
        write("a")
        let heard = hear(done("a") + String(repeating: "x", count: AnswerLines.longestLine + 1))
        #expect(heard.isLost && heard.ends.map(\.id) == ["a"])
    }

    /// The time is that of the first that is open, from when it was written or became the first.
    @Test mutating func theTimeIsThatOfTheFirstThatIsOpen() {
        #expect(exchange.deadline == nil)
        write("a", "b", "c")
        write("d", after: .seconds(5))
        #expect(exchange.deadline == start + .seconds(30) && exchange.oldest == "a")
        _ = hear(done("b"), after: .seconds(10))
        #expect(exchange.deadline == start + .seconds(30) && exchange.oldest == "a")
        _ = hear(done("a"), after: .seconds(20))
        #expect(exchange.deadline == start + .seconds(50) && exchange.oldest == "c")
        _ = hear(done("c", "d"), after: .seconds(21))
        #expect(exchange.deadline == nil)
        write("a", after: .seconds(100))
        #expect(exchange.deadline == start + .seconds(130))
    }

    /// What is written again after an answer is another attempt, also where the first is still in the list.
    @Test mutating func aMessageThatComesAgainIsOpenAgain() {
        write("a", "b", "c")
        _ = hear("{\"id\": \"b\", \"retry\": \"x\"}\n")
        write("b")
        #expect(exchange.count == 3 && exchange.oldest == "a")
        _ = hear(done("a"))
        // It is the last now.
        #expect(exchange.oldest == "c" && exchange.count == 2)
        _ = hear(done("c"))
        #expect(exchange.oldest == "b" && hear(done("b")).ends.map(\.id) == ["b"])
    }

    @Test mutating func ofTwoMessagesWithOneIDTheSecondHasToWait() {
        write("a", "b")
        #expect(exchange.write("a", now: start) == nil)
        #expect(hear(done("b", "a")).ends.map(\.number) == [1, 0])
        #expect(exchange.write("a", now: start) == 2)
        #expect(hear(done("a")).ends.map(\.number) == [2] && exchange.count == 0)
    }

    @Test mutating func anEndUndoesWhatIsOpenInItsOrder() {
        write("c", "a", "b")
        _ = hear(done("a"))
        let ends = exchange.ended(.failed("died", retryAfter: nil))
        #expect(ends.map(\.id) == ["c", "b"])
        // Nobody knows whose fault it was.
        #expect(ends.map(\.result) == [.unavailable("died"), .unavailable("died")])
        #expect(exchange.count == 0 && exchange.deadline == nil)
        write("c")
        #expect(exchange.ended(.failed("died", retryAfter: nil)).map(\.result) == [.failed("died", retryAfter: nil)])
        write("c", "d")
        #expect(exchange.ended(.abandoned).map(\.result) == [.abandoned, .abandoned])
    }

    /// Half a line of the program that ended is not the begin of the next one's first.
    @Test mutating func anEndForgetsHalfALine() {
        write("a")
        _ = hear("{\"id\": \"a\", ")
        _ = exchange.ended(.unavailable("died"))
        write("a")
        #expect(hear(done("a")).ends.map(\.id) == ["a"])
    }

    @Test mutating func manyMessagesCostNoMemory() {
        for number in 0..<20_000 {
            write("m\(number)")
            if number >= 100 { #expect(hear(done("m\(number - 100)")).ends.count == 1) }
        }
        #expect(exchange.count == 100 && exchange.kept < 2000)
    }
}
