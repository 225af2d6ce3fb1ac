import MPushModel
import Testing

/// The one wording of an outage.
@Suite struct OutageTextTests {
    private func text(
        since: String? = "02:10", age: Duration? = .seconds(32_580), attempts: Int = 1118,
        error: String? = "connection refused", _ next: OutageText.Next = .attemptIn(.seconds(97))
    ) -> OutageText {
        OutageText(since: since, age: age, attempts: attempts, error: error, next: next)
    }

    @Test func allOfItIsOneSentence() {
        #expect(
            text().sentence
                == "offline since 02:10 (9 h 3 min), 1,118 attempts: connection refused, next in 97 s")
        #expect(
            text(age: nil, attempts: 1, .attemptAt("11:24:05")).sentence
                == "offline since 02:10, 1 attempt: connection refused, next at 11:24:05")
        #expect(
            text(since: nil, age: nil).sentence == "no connection, 1,118 attempts: connection refused, next in 97 s")
    }

    @Test func whatStandsBesideItIsLeftOut() {
        #expect(text().withoutError == "offline since 02:10 (9 h 3 min), 1,118 attempts, next in 97 s")
        #expect(text().withoutBeginning == "connection refused, 1,118 attempts, next in 97 s")
        #expect(text(attempts: 0, error: nil).sentence == "offline since 02:10 (9 h 3 min), next in 97 s")
        #expect(text(attempts: 0, error: nil).withoutBeginning == "next in 97 s")
    }

    @Test func whatComesNextIsSaidInEachState() {
        #expect(OutageText.Next.attemptIn(.zero).text == "trying again at once")
        #expect(
            OutageText.Next.state(.noNetwork, for: .seconds(3)).text == "no route to a server, waiting for the network")
        #expect(OutageText.Next.state(.handshaking, for: .seconds(3)).text == "handshaking for 3 s")
        #expect(OutageText.Next.state(.connecting, for: nil).text == "connecting")
    }

    /// The error is another's text: it neither forges a line nor fills one.
    @Test func theErrorIsBoundedAndOnOneLine() {
        let long = text(error: "closed\n" + String(repeating: "x", count: 4096))
        for line in [long.sentence, long.withoutBeginning] {
            #expect(line.utf8.count < 300 && !line.contains("\n") && line.contains("closed\\n"))
        }
    }

    @Test func theEndHasLengthAndAttempts() {
        #expect(OutageText.end(after: .seconds(12_660), attempts: 118) == "after 3 h 31 min offline, 118 attempts")
        #expect(OutageText.end(after: .milliseconds(1400), attempts: 0) == "after 1.4 s offline")
    }
}
