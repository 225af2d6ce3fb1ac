import Glibc
import MPushModel

/// Times and spans as people write them on a command line.
enum TimeWords {
    static let rule =
        "write 90min, 2d, today, yesterday, 14:30, 2026-11-22, \"2026-11-22 14:30\" or a time in RFC 3339."

    private static let units: [String: Int64] = [
        "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800,
    ]
    private static let longest: Int64 = 100 * 366 * 86_400

    /// `90min`, `1h30m`, `2d`; nil for what is no span, and for one of more than a century.
    static func span(_ text: String) -> Duration? {
        var seconds: Int64 = 0
        var rest = text.filter { $0 != " " }[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard digits.count <= 10, let number = Int64(digits), let size = units[String(unit)] else { return nil }
            seconds += number * size
            guard seconds <= longest else { return nil }
        }
        return .seconds(seconds)
    }

    /// The time that is meant, of this machine's clock and zone; a span counts back from `now`.
    static func time(_ text: String, at now: WallTime) -> WallTime? {
        if let span = span(text) { return now - span }
        if let time = WallTime(rfc3339: text) { return time }
        switch text {
        case "today": return local(now) { _ in }
        case "yesterday": return local(now) { $0.tm_mday -= 1 }
        default: break
        }
        var parts = text.split(separator: " ", omittingEmptySubsequences: false)
        let day = parts.first.flatMap { numbers($0, "-", [1970...9999, 1...12, 1...31]) }
        if day != nil { parts.removeFirst() }
        var clock: [Int32] = []
        if let word = parts.first {
            let seconds = [0...23, 0...59, 0...59] as [ClosedRange<Int32>]
            guard let read = numbers(word, ":", Array(seconds.prefix(2))) ?? numbers(word, ":", seconds) else {
                return nil
            }
            clock = read
        }
        guard parts.count <= 1, day != nil || !clock.isEmpty else { return nil }
        return local(now) { date in
            if let day { (date.tm_year, date.tm_mon, date.tm_mday) = (day[0] - 1900, day[1] - 1, day[2]) }
            if !clock.isEmpty { (date.tm_hour, date.tm_min) = (clock[0], clock[1]) }
            if clock.count > 2 { date.tm_sec = clock[2] }
        }
    }

    /// The numbers between `separator`, each within its range; nil where there are others.
    private static func numbers(
        _ text: Substring, _ separator: Character, _ ranges: [ClosedRange<Int32>]
    ) -> [Int32]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        let read = zip(parts, ranges).compactMap { part, range in
            part.allSatisfy(\.isNumber) ? Int32(part).flatMap { range.contains($0) ? $0 : nil } : nil
        }
        return parts.count == ranges.count && read.count == ranges.count ? read : nil
    }

    /// Midnight of the day of `now`, changed.
    private static func local(_ now: WallTime, _ change: (inout tm) -> Void) -> WallTime? {
        var seconds = time_t(now.millisecondsSince1970 / 1000)
        var date = tm()
        guard localtime_r(&seconds, &date) != nil else { return nil }
        (date.tm_hour, date.tm_min, date.tm_sec, date.tm_isdst) = (0, 0, 0, -1)
        change(&date)
        let time = mktime(&date)
        return time == -1 ? nil : WallTime(millisecondsSince1970: Int64(time) * 1000)
    }
}

extension WallTime {
    fileprivate static func - (time: WallTime, span: Duration) -> WallTime {
        WallTime(millisecondsSince1970: time.millisecondsSince1970 &- span.wholeMilliseconds)
    }
}
