/// `[limits]`: the sizes, in bytes, beyond which mpushd does not go (PROTOCOL.md section 1).
package struct LimitSettings: Equatable, Sendable {
    /// The longest body of a received frame; a longer one ends the connection.
    package let maximumBody: Int

    /// The longest received body once inflated. At least `maximumBody`.
    package let maximumInflated: Int

    /// The longest body that is sent: the server's max-packet-size, above which it falls silent and closes.
    package let maximumSend: Int

    /// Bodies above this are compressed before they are sent.
    package let compressOver: Int
}

extension LimitSettings {
    init(reading table: TableReader) {
        maximumBody = table.value("max_body", .size(in: 1 << 10...64 << 20), default: 1 << 20)
        maximumInflated = table.value("max_inflated", .size(in: 1 << 10...256 << 20), default: 4 << 20)
        maximumSend = table.value("max_send", .size(in: 1 << 10...64 << 20), default: 10 << 10)
        compressOver = table.value("compress_over", .size(in: 64...64 << 20), default: 1 << 10)
        if maximumInflated < maximumBody {
            let key = table.holds("max_inflated") ? "max_inflated" : "max_body"
            table.site(of: key).report(
                "max_inflated (\(ByteCount.spelled(maximumInflated))) must not be below max_body "
                    + "(\(ByteCount.spelled(maximumBody))).")
        }
    }
}
