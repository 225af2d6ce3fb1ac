import COpenSSL
import MPushModel

/// The text of a key: PEM (RFC 7468) or, as MPush's configuration has it, the base64 alone.
///
/// Not read with OpenSSL's PEM functions: they skip what they do not know, and ask for passphrases on the terminal. Nor
/// by way of a String: what is read may turn out to be a private key, and no copy of it is left behind.
struct KeyText {
    /// The longest text that is looked at, in bytes. A key of 4096 bits takes less than one KiB, its private half less
    /// than four.
    static let maximumLength = 64 * 1024
    /// The most of a label that is repeated in an error, in bytes.
    private static let longestLabel = 64

    /// What stands in the BEGIN line, in printable ASCII; nil where there is none.
    let label: String?
    /// What the base64 stands for.
    let der: SecretBytes

    init(_ text: SecretBytes) throws(CipherError) {
        guard text.count <= Self.maximumLength else {
            throw .malformedKey(detail: "more than \(Self.maximumLength) bytes are too many for a key")
        }
        (label, der) = try text.withUnsafeBytes { bytes throws(CipherError) in try Self.read(bytes) }
    }

    private static func read(
        _ bytes: some BidirectionalCollection<UInt8>
    ) throws(CipherError) -> (label: String?, der: SecretBytes) {
        let mark = ByteOrderMark(startOf: bytes)
        guard mark != .utf16 else { throw .malformedKey(detail: "the key is in UTF-16; save it as ASCII or UTF-8") }
        let text = bytes.dropFirst(mark?.length ?? 0)
        let start = text.drop(while: Base64.isWhitespace)
        guard !start.starts(with: [0x30, 0x81]), !start.starts(with: [0x30, 0x82]) else {
            throw .malformedKey(detail: "the key is in binary (DER); PEM or base64 is wanted")
        }
        let lines = text.split(whereSeparator: ASCII.isLineEnd).filter { !$0.allSatisfy(Base64.isWhitespace) }
        let label = try label(of: lines)
        let content = label == nil ? lines[...] : lines.dropFirst().dropLast()
        guard !content.isEmpty else { throw .malformedKey(detail: "the key is empty") }
        guard let der = Base64.decodeSecret(content.joined()) else { throw noBase64(content, isPEM: label != nil) }
        return (label, der)
    }

    /// What the BEGIN and END lines call the content; nil where there are no such lines.
    private static func label<Line: BidirectionalCollection<UInt8>>(
        of lines: [Line]
    ) throws(CipherError) -> String? {
        guard let first = lines.first, first.starts(with: "-----".utf8) else { return nil }
        guard let label = label(in: first, after: "-----BEGIN ") else {
            throw .malformedKey(detail: "the first line of the PEM is not -----BEGIN ...-----, alone on its line")
        }
        guard let last = lines.last, self.label(in: last, after: "-----END ") == label else {
            throw .malformedKey(detail: "the PEM does not end with -----END \(label)-----")
        }
        return label
    }

    /// Nil where the line is none of these, or calls it by a name that is not to be printed.
    private static func label(in line: some BidirectionalCollection<UInt8>, after prefix: String) -> String? {
        var line = line[...]
        while let last = line.last, Base64.isWhitespace(last) { line.removeLast() }
        guard line.starts(with: prefix.utf8), line.suffix(5).elementsEqual("-----".utf8) else { return nil }
        guard line.count > prefix.utf8.count + 5 else { return nil }
        let label = line.dropFirst(prefix.utf8.count).dropLast(5)
        guard label.count <= longestLabel, label.allSatisfy(ASCII.isPrintable) else { return nil }
        return String(decoding: label, as: UTF8.self)
    }

    /// The error for what is neither PEM nor base64, with what can be told of it.
    private static func noBase64<Line: Collection<UInt8>>(_ lines: ArraySlice<Line>, isPEM: Bool) -> CipherError {
        func has(_ words: String) -> Bool { lines.contains { $0.contains(words.utf8) } }
        if isPEM, has("-----BEGIN ") { return .malformedKey(detail: "there is more than one PEM block; give one") }
        if isPEM, has(":") {
            return .malformedKey(
                detail: "the PEM has header lines, as keys with a passphrase have; give it without")
        }
        if has("-----BEGIN ") {
            return .malformedKey(detail: "something stands before -----BEGIN ...-----; take it away")
        }
        if has("public-key") {
            return .malformedKey(
                detail: "this is a line of a server's configuration; give only what stands in its quotation marks")
        }
        if lines.first?.starts(with: "ssh-".utf8) == true { return .malformedKey(detail: "this is a key for SSH") }
        return .malformedKey(detail: "the key is neither PEM nor base64")
    }
}

/// Classes of ASCII characters.
private enum ASCII {
    static func isLineEnd(_ character: UInt8) -> Bool { character == 0x0A || character == 0x0D }

    static func isPrintable(_ character: UInt8) -> Bool { (0x20...0x7E).contains(character) }
}

extension KeyText {
    /// What keys are mistaken for.
    enum Kind {
        case privateKey
        case rsaPublicKey
        case certificate
        case unknown
    }

    /// The X.509 SubjectPublicKeyInfo that this is; nil where it is none.
    func publicKey() -> PKey? {
        decoded({ d2i_PUBKEY(nil, $0, $1) }, freedBy: EVP_PKEY_free, PKey.init(owning:))
    }

    /// The private key, PKCS#8 or PKCS#1, that this is; nil where it is none.
    func privateKey() -> PKey? {
        decoded({ d2i_AutoPrivateKey(nil, $0, $1) }, freedBy: EVP_PKEY_free, PKey.init(owning:))
    }

    /// What this is where it is no public key, as far as it can be told.
    var kind: Kind {
        if privateKey() != nil || isPKCS8 { return .privateKey }
        if isCertificate { return .certificate }
        return isPKCS1PublicKey ? .rsaPublicKey : .unknown
    }

    /// Finds private keys also where their numbers are not usable, as Java writes them from modulus and exponent alone.
    private var isPKCS8: Bool { isOne({ d2i_PKCS8_PRIV_KEY_INFO(nil, $0, $1) }, freedBy: PKCS8_PRIV_KEY_INFO_free) }

    private var isCertificate: Bool { isOne({ d2i_X509(nil, $0, $1) }, freedBy: X509_free) }

    private var isPKCS1PublicKey: Bool { isOne({ d2i_PublicKey(EVP_PKEY_RSA, nil, $0, $1) }, freedBy: EVP_PKEY_free) }

    private func isOne(_ decode: DER.Decoder, freedBy free: (OpaquePointer?) -> Void) -> Bool {
        decoded(decode, freedBy: free) { object in
            free(object)
            return true
        } ?? false
    }

    /// Hands what `decode` makes of the bytes to `take`, whose it is then; nil where they are not that, or more than that.
    private func decoded<Result>(
        _ decode: DER.Decoder, freedBy free: (OpaquePointer?) -> Void, _ take: (OpaquePointer) -> Result
    ) -> Result? {
        OpenSSL.clearErrors()
        defer { OpenSSL.clearErrors() }
        return der.withUnsafeBytes { DER.decode($0, decode, freedBy: free) }.map(take)
    }
}

/// The one place where OpenSSL reads DER of ours, by a pointer that it moves.
enum DER {
    /// One of OpenSSL's functions that make an object of DER, and move the pointer beyond what they read
    /// (d2i_X509(3)).
    typealias Decoder = (_ position: UnsafeMutablePointer<UnsafePointer<UInt8>?>, _ count: Int) -> OpaquePointer?

    /// What `decode` makes of `bytes`, the caller's to free with `free`; nil where they are not that, or more than that.
    static func decode(
        _ bytes: UnsafeRawBufferPointer, _ decode: Decoder, freedBy free: (OpaquePointer?) -> Void
    ) -> OpaquePointer? {
        bytes.withMemoryRebound(to: UInt8.self) { bytes in
            guard let start = bytes.baseAddress else { return nil }
            var position: UnsafePointer<UInt8>? = start
            guard let object = decode(&position, bytes.count) else { return nil }
            guard position == start.advanced(by: bytes.count) else {
                free(object)
                return nil
            }
            return object
        }
    }
}
