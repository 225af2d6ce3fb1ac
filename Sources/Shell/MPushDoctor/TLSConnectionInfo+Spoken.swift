import MPushTLS
import MPushTime

extension TLSConnectionInfo.Peer {
    /// `CN=push.example.com, issued by CN=Example CA, 61 days left`
    func spoken(at now: WallTime) -> String {
        let left: String? = notAfter.map { end in
            let days = end.daysLeft(at: now)
            return days < 0 ? "ended" : days == 1 ? "1 day left" : "\(days) days left"
        }
        let origin = subject == issuer ? "its own authority" : "issued by \(issuer)"
        return [subject, origin, left].compactMap(\.self).joined(separator: ", ")
    }
}

extension WallTime {
    /// Whole days from `now` until this time; below zero once it has passed.
    func daysLeft(at now: WallTime) -> Int64 {
        let (left, overflow) = millisecondsSince1970.subtractingReportingOverflow(now.millisecondsSince1970)
        if overflow { return 0 }
        return left >= 0 ? left / 86_400_000 : -1
    }
}
