/// What a user can be bound with (PROTOCOL.md section 4.3), wherever it comes from: the configuration, the local API, a
/// command line.
package enum BindRules {
    /// The longest name of a user, in bytes.
    package static let longestUser = 256
    /// The longest tag, in bytes.
    package static let longestTag = 64
    /// The most tags that one user is bound with.
    package static let mostTags = 64
    /// The longest credential, in bytes.
    package static let longestCredential = 4096

    /// Throws what is wrong with the name of a user: it has 1 to `longestUser` bytes and no control characters.
    package static func check(user: String) throws(Misspelling) {
        try check(user, atMost: longestUser)
    }

    /// Throws what is wrong with one tag. The server joins tags with commas, and could not take apart one that holds one.
    package static func check(tag: String) throws(Misspelling) {
        try check(tag, atMost: longestTag)
        if tag.utf8.contains(UInt8(ascii: ",")) {
            throw Misspelling("contains a comma, at which the server would split it")
        }
    }

    /// Throws what is wrong with the tags of a user, naming the tag.
    package static func check(tags: [String]) throws(Misspelling) {
        guard tags.count <= mostTags else { throw Misspelling("has \(tags.count) elements. It may have \(mostTags)") }
        for tag in tags {
            do throws(Misspelling) {
                try check(tag: tag)
            } catch {
                throw Misspelling("has the tag \(tag.quoted), which \(error.message)")
            }
        }
    }

    /// A text that the server keeps: 1 to `longest` bytes of UTF-8 without control characters, so no NUL and no line end.
    package static func check(_ text: String, atMost longest: Int) throws(Misspelling) {
        if text.isEmpty { throw Misspelling("is empty") }
        if text.utf8.count > longest { throw Misspelling("has \(text.utf8.count) bytes. It may have \(longest)") }
        if text.isUnprintable { throw Misspelling("contains a control character or one that is not visible") }
    }

    /// How long the body of BIND is on the wire, in bytes: three strings with their lengths in front (PROTOCOL.md section
    /// 2), filled up by the cipher to whole blocks of 16 (section 3). The server accepts up to its max-packet-size.
    package static func bodySize(user: String, tags: [String], credentialLength: Int) -> Int {
        let tagBytes = tags.reduce(max(0, tags.count - 1)) { $0 + $1.utf8.count }
        let plain = 3 * 2 + user.utf8.count + credentialLength + tagBytes
        return (plain / 16 + 1) * 16
    }
}
