import COpenSSL
import MPushSecret

/// The text of a key: PEM (RFC 7468) or, as MPush's configuration has it, the base64 alone.
///
/// Not read with OpenSSL's PEM functions: they skip what they do not know, and ask for passphrases on the terminal.
struct KeyText {
    /// The longest text that is looked at, in bytes. A key of 1024 bits takes less than one KiB.
    static let maximumLength = 64 * 1024

    /// What stands in the BEGIN line; nil where there is none.
    let label: String?
    /// What the base64 stands for.
    let der: SecretBytes

    init(_ bytes: some Collection<UInt8>) throws(CipherError) {
        guard bytes.count <= Self.maximumLength else {
            throw .malformedKey(detail: "\(bytes.count) bytes are too many for a key")
        }
        guard !bytes.starts(with: [0x30, 0x81]), !bytes.starts(with: [0x30, 0x82]) else {
            throw .malformedKey(detail: "the key is in binary (DER); PEM or base64 is wanted")
        }
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(whereSeparator: \.isNewline)
            .filter { !$0.allSatisfy(\.isWhitespace) }
        label = try Self.label(of: lines)
        der = try Self.decoded(label == nil ? lines[...] : lines.dropFirst().dropLast())
    }

    /// What the BEGIN and END lines call the content; nil where there are no such lines.
    private static func label(of lines: [Substring]) throws(CipherError) -> String? {
        guard let first = lines.first, first.hasPrefix("-----") else { return nil }
        guard let label = label(in: first, after: "-----BEGIN ") else {
            throw .malformedKey(detail: "the first line of the PEM is not -----BEGIN ...-----, alone on its line")
        }
        guard let last = lines.last, self.label(in: last, after: "-----END ") == label else {
            throw .malformedKey(detail: "the PEM does not end with -----END \(label)-----")
        }
        return label
    }

    private static func label(in line: Substring, after prefix: String) -> String? {
        var line = line
        while line.last?.isWhitespace == true { line.removeLast() }
        guard line.hasPrefix(prefix), line.hasSuffix("-----"), line.utf8.count > prefix.utf8.count + 5 else {
            return nil
        }
        return String(line.dropFirst(prefix.count).dropLast(5))
    }

    private static func decoded(_ lines: ArraySlice<Substring>) throws(CipherError) -> SecretBytes {
        guard !lines.isEmpty else { throw .malformedKey(detail: "the key is empty") }
        guard !lines.contains(where: { $0.contains(":") }) else {
            throw .malformedKey(detail: "the PEM has header lines, as keys with a passphrase have; give it without")
        }
        guard var bytes = Base64.decode(lines.joined(separator: "\n").utf8) else {
            throw .malformedKey(detail: "the key is neither PEM nor base64")
        }
        defer { bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
        return SecretBytes(bytes)
    }
}
