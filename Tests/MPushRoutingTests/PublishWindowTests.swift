import MPushModel
import MPushRouting
import Testing

@Suite struct PublishWindowTests {
    private func at(_ seconds: Int) -> Instant { .zero + .seconds(seconds) }

    @Test func aConfirmationNamesItsMessageOnce() {
        var window = PublishWindow()
        window.sent(1, id: "a", bytes: 10, at: at(1))
        window.sent(2, id: "b", bytes: 10, at: at(2))
        #expect(window.oldest == at(1))
        #expect(window.confirmed(2) == "b")
        #expect(window.oldest == at(1))
        #expect(window.confirmed(2) == nil)
        #expect(window.confirmed(1) == "a")
        #expect(window.oldest == nil)
        #expect(window.count == 0)
    }

    @Test func messagesAndBytesAreBounded() {
        var window = PublishWindow(messages: 2, bytes: 100)
        #expect(!window.isFull)
        window.sent(1, id: "a", bytes: 1000, at: at(0))
        #expect(window.isFull)
        #expect(window.confirmed(1) == "a")
        #expect(!window.isFull)
        window.sent(2, id: "b", bytes: 1, at: at(0))
        #expect(!window.isFull)
        window.sent(3, id: "c", bytes: 1, at: at(0))
        #expect(window.isFull)
    }

    /// MQTT has 65535 numbers, which come again.
    @Test func numbersComeAgain() {
        var window = PublishWindow()
        for round in 0..<200_000 {
            let number = round % 65535 + 1
            window.sent(number, id: "m\(round)", bytes: 1, at: at(round))
            #expect(window.oldest == at(max(0, round - 9)))
            guard round >= 9 else { continue }
            let first = (round - 9) % 65535 + 1
            #expect(window.confirmed(first) == "m\(round - 9)")
        }
        #expect(window.count == 9)
    }
}

@Suite struct MQTTReasonTests {
    @Test(arguments: [0, 0x10]) func belowEightyTheBrokerHasIt(code: Int32) {
        #expect(MQTTReason(code: code).word == .done)
    }

    @Test(arguments: [(0x90, "topic name not valid"), (0x95, "packet too large"), (0x99, "payload format not valid")])
    func whatIsTheMessagesFaultIsRejected(code: Int32, words: String) {
        #expect(MQTTReason(code: code).word == .reject(reason: "the broker refused it: \(words)"))
    }

    @Test(arguments: [(0x97, "quota exceeded"), (0x87, "not authorised"), (0xEE, "reason 0xee")])
    func anythingElseMayGoWellLater(code: Int32, words: String) {
        #expect(MQTTReason(code: code).word == .retry(reason: "the broker refused it: \(words)", wait: nil))
    }
}
