/// The chance of a world: xoshiro256** (D. Blackman, S. Vigna), seeded by SplitMix64. Everything that happens by chance is
/// drawn from here, so that a seed repeats a world. Results do not depend on the version of the standard library.
package final class WorldRandom: RandomNumberGenerator, @unchecked Sendable {
    private let seed: UInt64
    @exclusivity(unchecked) private var state: (UInt64, UInt64, UInt64, UInt64)

    package init(seed: UInt64) {
        self.seed = seed
        var word = seed
        func next() -> UInt64 {
            word &+= 0x9E37_79B9_7F4A_7C15
            var mixed = word
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
        state = (next(), next(), next(), next())
    }

    /// A generator of its own for the part of the world that `label` names: what it draws does not change what others
    /// draw, and the order in which parts are made does not matter.
    package func fork(_ label: String) -> WorldRandom {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in label.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return WorldRandom(seed: seed ^ hash)
    }

    package func next() -> UInt64 {
        let product = state.1 &* 5
        let result = (product << 7 | product >> 57) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = state.3 << 45 | state.3 >> 19
        return result
    }

    /// A number below `bound`, which is positive.
    package func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A number of `range`.
    package func number(in range: ClosedRange<Int64>) -> Int64 {
        let width = UInt64(bitPattern: range.upperBound &- range.lowerBound)
        guard width < .max else { return Int64(bitPattern: next()) }
        return range.lowerBound &+ Int64(bitPattern: next().multipliedFullWidth(by: width + 1).high)
    }

    /// Whether something happens that does with `probability`.
    package func chance(_ probability: Double) -> Bool {
        guard probability > 0 else { return false }
        return Double(next() >> 11) * 0x1p-53 < probability
    }

    /// A duration of `range`, each as likely as another.
    package func duration(in range: ClosedRange<Duration>) -> Duration {
        .nanoseconds(number(in: WorldTime.nanoseconds(range.lowerBound)...WorldTime.nanoseconds(range.upperBound)))
    }

    /// A duration of `range`, each magnitude as likely as another: most are short, and some are long.
    package func skewedDuration(in range: ClosedRange<Duration>) -> Duration {
        let least = max(1, WorldTime.nanoseconds(range.lowerBound))
        let most = max(least, WorldTime.nanoseconds(range.upperBound))
        let bits = number(
            in: Int64(least.bitWidth - least.leadingZeroBitCount)...Int64(most.bitWidth - most.leadingZeroBitCount))
        let floor = Int64(1) << (bits - 1)
        return .nanoseconds(min(most, max(least, number(in: floor...(floor | (floor - 1))))))
    }

    /// An element of what is not empty.
    package func element<Element>(of elements: [Element]) -> Element {
        elements[below(elements.count)]
    }
}

/// The time of a world: nanoseconds since it began.
package enum WorldTime {
    /// A duration, held to what 64 bits can say in nanoseconds; the longest is for ever.
    static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carry ? (seconds < 0 ? .min : .max) : sum
    }

    /// `time` and `duration` later, which is for ever where it cannot be said.
    static func adding(_ duration: Int64, to time: Int64) -> Int64 {
        let (sum, overflow) = time.addingReportingOverflow(duration)
        return overflow ? (duration < 0 ? .min : .max) : sum
    }
}
