import COpenSSL
import Glibc
import MPushTime

/// A date out of a certificate or a revocation list.
struct ASN1Time {
    private let parts: tm

    /// Nil if the date cannot be read.
    init?(_ raw: UnsafePointer<ASN1_TIME>) {
        var parts = tm()
        guard ASN1_TIME_to_tm(raw, &parts) == 1 else { return nil }
        self.parts = parts
    }

    /// The same as a time of this machine's clock.
    var wallTime: WallTime {
        var copy = parts
        return WallTime(millisecondsSince1970: Int64(timegm(&copy)).multipliedReportingOverflow(by: 1000).partialValue)
    }

    /// `2026-01-02 10:00 UTC`.
    var text: String {
        let date = "\(parts.tm_year + 1900)-\(twoDigits(parts.tm_mon + 1))-\(twoDigits(parts.tm_mday))"
        return "\(date) \(twoDigits(parts.tm_hour)):\(twoDigits(parts.tm_min)) UTC"
    }

    private func twoDigits(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
