/// A reading of the wall clock (`CLOCK_REALTIME`). Only for people and for expiry dates that a server gave: it jumps
/// when somebody sets it, so no wait is ever computed from it.
package struct WallTime: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01 00:00:00 UTC, leap seconds not counted.
    package let millisecondsSince1970: Int64

    /// The time `millisecondsSince1970` after the epoch.
    package init(millisecondsSince1970: Int64) {
        self.millisecondsSince1970 = millisecondsSince1970
    }

    package static func < (left: WallTime, right: WallTime) -> Bool {
        left.millisecondsSince1970 < right.millisecondsSince1970
    }

    /// The time `duration` later, held to what an Int64 can say.
    package func advanced(by duration: Duration) -> WallTime {
        let (sum, overflow) = millisecondsSince1970.addingReportingOverflow(duration.wholeMilliseconds)
        return WallTime(millisecondsSince1970: overflow ? (duration < .zero ? .min : .max) : sum)
    }
}

/// Times as the local API writes them (RFC 3339), always in UTC, to the millisecond.
extension WallTime {
    private static let millisecondsOfADay: Int64 = 86_400_000
    /// 0000-01-01 and the end of 9999, in days since 1970.
    private static let writableDays: ClosedRange<Int64> = -719_528...2_932_896

    /// `2026-11-22T10:11:12.123Z`. What lies outside the years 0000 to 9999 is held to them.
    package var rfc3339: String {
        var text: [UInt8] = []
        text.reserveCapacity(24)
        appendRFC3339(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends `rfc3339`.
    package func appendRFC3339(to text: inout [UInt8]) {
        let parts = millisecondsSince1970.quotientAndRemainder(dividingBy: WallTime.millisecondsOfADay)
        let isBefore = parts.remainder < 0
        let milliseconds = isBefore ? parts.remainder + WallTime.millisecondsOfADay : parts.remainder
        let days = min(
            max(parts.quotient - (isBefore ? 1 : 0), WallTime.writableDays.lowerBound),
            WallTime.writableDays.upperBound)
        let (year, month, day) = WallTime.date(ofDay: days)
        let seconds = milliseconds / 1000
        WallTime.append(year, 1000, "-", to: &text)
        WallTime.append(month, 10, "-", to: &text)
        WallTime.append(day, 10, "T", to: &text)
        WallTime.append(seconds / 3600, 10, ":", to: &text)
        WallTime.append(seconds / 60 % 60, 10, ":", to: &text)
        WallTime.append(seconds % 60, 10, ".", to: &text)
        WallTime.append(milliseconds % 1000, 100, "Z", to: &text)
    }

    /// Reads what `rfc3339` writes, with any fraction or none; nil for anything else.
    package init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z"), bytes[10] == UInt8(ascii: "T"),
            bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let year = WallTime.number(bytes[0..<4]), let month = WallTime.number(bytes[5..<7]),
            let day = WallTime.number(bytes[8..<10]), let hour = WallTime.number(bytes[11..<13]),
            let minute = WallTime.number(bytes[14..<16]), let second = WallTime.number(bytes[17..<19]),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61,
            let milliseconds = WallTime.milliseconds(bytes[19..<(bytes.count - 1)])
        else { return nil }
        let days = WallTime.day(ofYear: year, month: month, day: day)
        guard WallTime.date(ofDay: days) == (year, month, day) else { return nil }
        let seconds = (hour * 60 + minute) * 60 + second
        self.init(millisecondsSince1970: days * WallTime.millisecondsOfADay + seconds * 1000 + milliseconds)
    }

    // H. Hinnant, "chrono-Compatible Low-Level Date Algorithms": years that begin in March, in eras of 400 years.

    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func day(ofYear year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    /// A fraction, cut to milliseconds.
    private static func milliseconds(_ fraction: ArraySlice<UInt8>) -> Int64? {
        guard let point = fraction.first else { return 0 }
        guard point == UInt8(ascii: "."), (2...10).contains(fraction.count), number(fraction.dropFirst()) != nil
        else { return nil }
        let three = Array(fraction.dropFirst()) + [UInt8](repeating: UInt8(ascii: "0"), count: 2)
        return number(three[..<3])
    }

    /// Appends `value`, whose first digit counts `unit`, and what ends it.
    private static func append(_ value: Int64, _ unit: Int64, _ end: Unicode.Scalar, to text: inout [UInt8]) {
        var unit = unit
        while unit > 0 {
            text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / unit % 10))
            unit /= 10
        }
        text.append(UInt8(ascii: end))
    }
}
