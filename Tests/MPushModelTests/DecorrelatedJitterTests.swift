import MPushModel
import Testing

@Suite struct DecorrelatedJitterTests {
    @Test func everyWaitIsWithinItsBounds() {
        var generator = SplitMix64(seed: 1)
        var jitter = DecorrelatedJitter(shortest: .seconds(1), longest: .seconds(120))
        var last = Duration.seconds(1)
        for _ in 0..<10_000 {
            let wait = jitter.next(using: &generator)
            #expect(wait >= .seconds(1) && wait <= .seconds(120))
            #expect(wait <= last * 3)
            last = wait
        }
    }

    @Test func growsToTheLongestAndBeginsAgainAfterReset() {
        var generator = SplitMix64(seed: 2)
        var jitter = DecorrelatedJitter(shortest: .seconds(1), longest: .seconds(120))
        let waits = (0..<200).map { _ in jitter.next(using: &generator) }
        #expect(waits.contains { $0 > .seconds(100) })
        jitter.reset()
        #expect(jitter.next(using: &generator) <= .seconds(3))
    }

    @Test(arguments: [(Duration.zero, Duration.zero), (.seconds(-5), .seconds(3)), (.seconds(9), .seconds(1))])
    func absurdBoundsAreMended(shortest: Duration, longest: Duration) {
        var generator = SplitMix64(seed: 3)
        var jitter = DecorrelatedJitter(shortest: shortest, longest: longest)
        for _ in 0..<100 { #expect(jitter.next(using: &generator) > .zero) }
    }

    @Test func theLongestDurationDoesNotOverflow() {
        var generator = SplitMix64(seed: 4)
        let longest = Duration.nanoseconds(Int64.max)
        var jitter = DecorrelatedJitter(shortest: longest, longest: longest)
        #expect(jitter.next(using: &generator) == longest)
        #expect(jitter.next(using: &generator) == longest)
    }
}
