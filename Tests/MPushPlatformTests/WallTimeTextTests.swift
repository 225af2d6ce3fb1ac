import Foundation
import MPushModel
import MPushPlatform
import Testing

/// Points in time as text, compared with Foundation's.
@Suite struct WallTimeTextTests {
    @Test func utcIsAsFoundationSaysIt() {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        var generator = SplitMix64(seed: 9)
        for _ in 0..<2000 {
            let milliseconds = Int64.random(in: 0...253_402_300_799_000, using: &generator)
            let time = WallTime(millisecondsSince1970: milliseconds)
            let whole = formatter.string(from: Date(timeIntervalSince1970: Double(milliseconds / 1000)))
            let fraction = String(1000 + milliseconds % 1000).dropFirst()
            #expect(time.rfc3339 == whole.replacing(".000Z", with: ".\(fraction)Z"))
        }
    }

    @Test func isSpokenWithItsDayWhereThatIsAnother() {
        let now = WallTime(millisecondsSince1970: 1_795_342_272_123)
        let yesterday = WallTime(millisecondsSince1970: now.millisecondsSince1970 - 86_400_000)
        #expect(now.humanReadable(at: now).count == "10:11".count)
        #expect(yesterday.humanReadable(at: now).count == "2026-11-21 10:11".count)
        #expect(yesterday.humanReadable(at: now).hasSuffix(now.humanReadable(at: now)))
    }
}
