/// The names of identities and routes. They go into the names of state files, log fields and commands.
package enum IdentityName {
    /// The longest name, in bytes.
    package static let longest = 64

    /// Whether `text` can be a name: A-Z a-z 0-9 . _ - and neither a dot nor a hyphen first.
    package static func isSafe(_ text: String) -> Bool {
        guard (1...longest).contains(text.utf8.count), text.utf8.allSatisfy(isSafe) else { return false }
        return !text.hasPrefix(".") && !text.hasPrefix("-")
    }

    /// The name of an identity that was given none: its user, where that is a safe name; otherwise what is safe of it
    /// and a hash of all of it, so that two users never share a name by losing what told them apart.
    package static func derived(fromUser user: String) -> String {
        if isSafe(user) { return user }
        let safe = user.utf8.prefix(40).map { isSafe($0) ? $0 : UInt8(ascii: "_") }
        let hash = String(fnv1a(user.utf8), radix: 16)
        return "u_" + String(decoding: safe, as: UTF8.self) + "-" + String(repeating: "0", count: 16 - hash.count)
            + hash
    }

    private static func isSafe(_ byte: UInt8) -> Bool {
        byte.isLetterOrDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }

    /// FNV-1a with 64 bits: the same in every process and version, which Swift's Hasher is not.
    private static func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
