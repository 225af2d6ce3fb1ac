extension StoredMessage {
    /// What a program that is started for it alone finds in its environment, each value on one line.
    package func environment(attempt: Int) -> [(name: String, value: String)] {
        let values = [
            ("MPUSH_ID", id), ("MPUSH_USER", user), ("MPUSH_IDENTITY", identity),
            ("MPUSH_TYPE", type.map(String.init) ?? ""), ("MPUSH_RECEIVED", received.rfc3339),
            ("MPUSH_ATTEMPT", String(attempt)),
        ]
        return values.map { (name: $0, value: EnvironmentValue.onOneLine($1)) }
    }
}

/// Values of environment variables.
package enum EnvironmentValue {
    /// Control characters percent-encoded, so that a value is one line and ends where it ends; and the percent sign with
    /// them, so that two values never become one.
    package static func onOneLine(_ value: String) -> String {
        guard value.utf8.contains(where: isEncoded) else { return value }
        var result: [UInt8] = []
        for byte in value.utf8 {
            guard isEncoded(byte) else {
                result.append(byte)
                continue
            }
            result += (byte < 0x10 ? "%0" : "%").utf8
            result += String(byte, radix: 16, uppercase: true).utf8
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isEncoded(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "%") }
}
