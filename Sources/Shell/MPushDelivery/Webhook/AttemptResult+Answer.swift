import MPushConnection
import MPushModel

extension AttemptResult {
    /// What a webhook's answer means for the message (RFC 9110 section 15): 2xx confirms; what may pass (408, 425, 429, 5xx)
    /// is tried again; all else would be answered so again.
    init(_ answer: HTTPAnswer, from url: String, at now: WallTime) {
        let words = answer.reason.isEmpty ? "\(answer.status)" : "\(answer.status) \(answer.reason)"
        switch answer.status {
        case 200...299: self = .confirmed
        case 408, 425, 429, 500...599:
            let wait = answer.field("Retry-After").flatMap { RetryAfter.wait(in: $0, at: now) }
            self = .failed("\(url) answered \(words)", retryAfter: wait)
        case 300...399:
            let place = answer.field("Location").map { " to \($0)" } ?? ""
            self = .rejected("\(url) answered \(words)\(place): redirects are not followed, so write the right url")
        default: self = .rejected("\(url) answered \(words)")
        }
    }
}

extension AttemptResult {
    /// What it means for the message that there is no answer.
    init(_ failure: HTTPFailure, from url: String) {
        let reason = "\(url): \(failure.detail)"
        if failure.isShortage {
            self = .postponed(reason)
        } else {
            self = failure.isReached ? .failed(reason, retryAfter: nil) : .unavailable(reason)
        }
    }
}

/// The Retry-After field (RFC 9110 section 10.2.3): seconds, or a date in any of the three forms of section 5.6.7.
enum RetryAfter {
    /// No longer than a day is believed; the schedule has a bound of its own.
    private static let longest: Int64 = 86_400

    /// How long to wait; nil where the field says nothing that makes sense.
    static func wait(in field: String, at now: WallTime) -> Duration? {
        let text = String(field.trimmingSpaces)
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return .seconds(min(Int64(text) ?? longest, longest))
        }
        guard let date = seconds(ofDate: text) else { return nil }
        return .seconds(min(max(0, date - now.millisecondsSince1970 / 1000), longest))
    }

    /// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or
    /// `Sun Nov  6 08:49:37 1994`.
    private static func seconds(ofDate text: String) -> Int64? {
        let parts = text.split { " ,-".contains($0) }.map(String.init)
        if parts.count == 6, parts[5] == "GMT" {
            return seconds(day: parts[1], month: parts[2], year: parts[3], clock: parts[4])
        }
        if parts.count == 5 { return seconds(day: parts[2], month: parts[1], year: parts[4], clock: parts[3]) }
        return nil
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func seconds(day: String, month: String, year: String, clock: String) -> Int64? {
        let clock = clock.split(separator: ":").map { Int64($0) ?? -1 }
        guard let day = Int64(day), (1...31).contains(day), let month = months.firstIndex(of: month),
            var year = Int64(year), (0...9999).contains(year), clock.count == 3, (0...23).contains(clock[0]),
            (0...59).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        // Two digits: within fifty years of now, which for a date in the future is this century.
        if year < 100 { year += year < 70 ? 2000 : 1900 }
        return days(year, Int64(month) + 1, day) * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    }

    /// Days since 1970-01-01 in the Gregorian calendar (H. Hinnant, "chrono-compatible low-level date algorithms").
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension String {
    fileprivate var trimmingSpaces: Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        return start.lastIndex { $0 != " " && $0 != "\t" }.map { start[...$0] } ?? ""
    }
}
