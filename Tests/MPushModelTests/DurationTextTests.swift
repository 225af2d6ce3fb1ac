import MPushModel
import Testing

@Suite struct DurationTextTests {
    @Test(arguments: [
        (Duration.zero, "0 ms"), (.milliseconds(71), "71 ms"), (.milliseconds(1400), "1.4 s"), (.seconds(2), "2 s"),
        (.seconds(55), "55 s"), (.seconds(201), "201 s"), (.seconds(300), "5 min"), (.seconds(545), "9 min 5 s"),
        (.seconds(600), "10 min"),
        (.seconds(11_520), "3 h 12 min"), (.seconds(61 * 86_400 + 4 * 3600), "61 d 4 h"), (.seconds(-2), "-2 s"),
    ])
    func isSaidAsAPersonSaysIt(duration: Duration, text: String) {
        #expect(duration.humanReadable == text)
    }

    @Test func theLargestDurationsAreHeldToInt64() {
        #expect(Duration.seconds(Int64.max).wholeMilliseconds == .max)
        #expect(Duration.seconds(Int64.min).wholeNanoseconds == .min)
        #expect(Duration.milliseconds(-1500).wholeMilliseconds == -1500)
    }
}
