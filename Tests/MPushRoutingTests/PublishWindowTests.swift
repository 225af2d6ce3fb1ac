import MPushModel
import Testing

@testable import MPushRouting

@Suite struct PublishWindowTests {
    private func at(_ seconds: Int) -> Instant { .zero + .seconds(seconds) }

    @Test func aConfirmationNamesItsMessageOnce() {
        var window = PublishWindow()
        #expect(window.next == 1)
        window.sent(id: "a", bytes: 10, at: at(1))
        #expect(window.next == 2)
        window.sent(id: "b", bytes: 10, at: at(2))
        #expect(window.oldest == at(1))
        #expect(window.confirmed(2) == "b")
        #expect(window.oldest == at(1))
        #expect(window.confirmed(2) == nil)
        #expect(window.confirmed(1) == "a")
        #expect(window.oldest == nil)
        #expect(window.count == 0)
        #expect(window.next == 3)
    }

    @Test(arguments: [Int.min, -1, 0, 2, 3, Int.max])
    func aNumberThatWasNotSentIsNobodys(number: Int) {
        var window = PublishWindow()
        window.sent(id: "a", bytes: 10, at: at(1))
        #expect(window.confirmed(number) == nil)
        #expect(window.count == 1)
    }

    @Test func messagesAndBytesAreBounded() {
        var window = PublishWindow(messages: 2, bytes: 100)
        #expect(!window.isFull)
        window.sent(id: "a", bytes: 1000, at: at(0))
        #expect(window.isFull)
        #expect(window.confirmed(1) == "a")
        #expect(!window.isFull)
        window.sent(id: "b", bytes: 1, at: at(0))
        #expect(!window.isFull)
        window.sent(id: "c", bytes: 1, at: at(0))
        #expect(window.isFull)
    }

    /// What is confirmed behind one that waits keeps its place.
    @Test func placesAreBoundedToo() {
        var window = PublishWindow(messages: 2)
        window.sent(id: "slow", bytes: 1, at: at(0))
        for _ in 0..<1000 where !window.isFull {
            window.sent(id: "quick", bytes: 1, at: at(1))
            #expect(window.confirmed(window.next - 1) == "quick")
        }
        #expect(window.kept == 128 && window.isFull)
        #expect(window.confirmed(1) == "slow")
        #expect(!window.isFull)
    }

    @Test func whateverTheOrderNumbersGoOnAndNothingIsKept() {
        var random = SplitMix64(seed: 13)
        var window = PublishWindow()
        var open: [Int: String] = [:]
        for round in 0..<20_000 {
            open[window.next] = "m\(round)"
            window.sent(id: "m\(round)", bytes: 1, at: at(round))
            while open.count > 9, let number = open.keys.sorted().randomElement(using: &random) {
                #expect(window.confirmed(number) == open.removeValue(forKey: number))
                #expect(window.confirmed(number) == nil)
            }
            #expect(window.oldest == open.keys.min().map { at($0 - 1) })
            #expect(window.count == open.count)
        }
        for number in open.keys { #expect(window.confirmed(number) == open[number]) }
        #expect(window.oldest == nil)
        #expect(window.kept <= 1025)
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
