import Foundation
import Testing

@testable import MPushModel

/// Times in UTC, next to Foundation's.
@Suite struct RFC3339Tests {
    @Test(arguments: [
        0, 951_782_399_999, 951_782_400_000, 1_709_164_800_000, -1, -62_167_219_200_000, 253_402_300_799_999,
    ])
    func timesAreWrittenAsFoundationDoes(milliseconds: Int64) {
        let time = WallTime(millisecondsSince1970: milliseconds)
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        // Foundation's days before the Gregorian calendar are those of the Julian one.
        if milliseconds > -12_219_292_800_000 {
            let date = Date(timeIntervalSince1970: Double(milliseconds / 1000))
            #expect(
                time.rfc3339.prefix(19)
                    == date.addingTimeInterval(milliseconds == -1 ? -1 : 0).formatted(style).prefix(19))
        }
        #expect(WallTime(rfc3339: time.rfc3339) == time)
    }

    @Test func thousandsOfDaysComeBack() {
        var milliseconds: Int64 = -62_167_219_200_000
        while milliseconds < 253_402_300_799_999 {
            let time = WallTime(millisecondsSince1970: milliseconds)
            guard WallTime(rfc3339: time.rfc3339) == time else {
                Issue.record("\(time.rfc3339)")
                return
            }
            milliseconds += 86_399_123 * 37
        }
    }

    @Test func whatLiesOutsideIsHeldToIt() {
        #expect(WallTime(millisecondsSince1970: .max).rfc3339.hasPrefix("9999-12-31T"))
        #expect(WallTime(millisecondsSince1970: .min).rfc3339.hasPrefix("0000-01-01T"))
    }

    @Test(arguments: [
        "", "2026-11-22", "2026-11-22T10:11:12", "2026-11-22T10:11:12+01:00", "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-22T24:00:00Z", "2026-11-22T10:11:12.Z", "2026-11-22 10:11:12Z", "2026-11-22T10:11:1aZ",
        "-026-11-22T10:11:12Z",
    ])
    func whatIsNoTimeIsRefused(text: String) {
        #expect(WallTime(rfc3339: text) == nil)
    }

    @Test func fractionsAreCutToMilliseconds() {
        #expect(WallTime(rfc3339: "1970-01-01T00:00:00.5Z") == WallTime(millisecondsSince1970: 500))
        #expect(WallTime(rfc3339: "1970-01-01T00:00:01.123456Z") == WallTime(millisecondsSince1970: 1123))
    }
}
