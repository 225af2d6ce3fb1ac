import COpenSSL
import MPushModel

/// Reads what is in a PEM text (RFC 7468), and says of which setting it was when it cannot.
struct PEMReader {
    /// The setting that the text belongs to, for errors.
    let setting: TLSConfigurationError.Setting

    /// All certificates in `text`, at least one, in their order.
    func certificates(in text: [UInt8]) throws(TLSConfigurationError) -> [Certificate] {
        try all(["CERTIFICATE", "X509 CERTIFICATE"], in: text) { bio in
            PEM_read_bio_X509(bio, nil, refusePassphrase, nil).map { Certificate(owning: $0) }
        }
    }

    /// All revocation lists in `text`, at least one.
    func revocationLists(in text: [UInt8]) throws(TLSConfigurationError) -> [RevocationList] {
        try all(["X509 CRL"], in: text) { bio in
            PEM_read_bio_X509_CRL(bio, nil, refusePassphrase, nil).map { RevocationList(owning: $0) }
        }
    }

    /// The private key in `text`; the caller frees it.
    func privateKey(in text: SecretBytes) throws(TLSConfigurationError) -> OpaquePointer {
        OpenSSLError.clearQueue()
        let key = text.withUnsafeBytes { bytes in
            withBIO(over: bytes) { PEM_read_bio_PrivateKey($0, nil, refusePassphrase, nil) }
        }
        if let key { return key }
        let (isKey, isEncrypted, isPEM) = text.withUnsafeBytes { bytes in
            (
                PEMMarkers.count("PRIVATE KEY-----", in: bytes) > 0, PEMMarkers.count("ENCRYPTED", in: bytes) > 0,
                PEMMarkers.count("-----BEGIN ", in: bytes) > 0
            )
        }
        // OpenSSL's words for a text without a key are those for a key that it does not know.
        guard isKey else { throw TLSConfigurationError(setting, isPEM ? .nothingOfItsKind : .notPEM) }
        if isEncrypted { throw TLSConfigurationError(setting, .encrypted) }
        throw TLSConfigurationError(setting, .unreadable, detail: OpenSSLError.takeText())
    }

    /// Collects what `read` finds until it finds no more. OpenSSL skips blocks of other kinds by itself, and reports
    /// the end of the text as a missing start line. `labels` are those of the blocks that are wanted: none of them may be
    /// left out in silence.
    private func all<Item>(
        _ labels: [String], in text: [UInt8], read: (OpaquePointer) -> Item?
    ) throws(TLSConfigurationError) -> [Item] {
        OpenSSLError.clearQueue()
        var found: [Item] = []
        text.withUnsafeBytes { bytes in
            withBIO(over: bytes) { bio in
                while let next = read(bio) { found.append(next) }
            }
        }
        if let error = OpenSSLError.takeFirst(), !error.isEndOfPEM {
            throw TLSConfigurationError(setting, .unreadable, detail: "block \(found.count + 1): \(error.text)")
        }
        let markers = text.withUnsafeBytes { PEMMarkers(in: $0, labels: labels) }
        if markers.ofTrust > 0 { throw TLSConfigurationError(setting, .trustSettings) }
        if found.isEmpty, markers.wanted == 0 {
            throw TLSConfigurationError(setting, markers.all > 0 ? .nothingOfItsKind : .notPEM)
        }
        guard found.count == markers.wanted else {
            throw TLSConfigurationError(
                setting, .unreadable,
                detail:
                    "\(found.count) of \(markers.wanted) blocks can be read: each -----BEGIN has to begin a line, and "
                    + "nothing may follow it there")
        }
        return found
    }

    /// Calls `body` with a BIO that reads `bytes`, without the byte-order mark that some editors put in front.
    private func withBIO<Result>(over bytes: UnsafeRawBufferPointer, _ body: (OpaquePointer) -> Result?) -> Result? {
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? UnsafeRawBufferPointer(rebasing: bytes[3...]) : bytes
        guard let length = Int32(exactly: text.count), let bio = BIO_new_mem_buf(text.baseAddress, length) else {
            return nil
        }
        defer { BIO_free(bio) }
        return body(bio)
    }
}

/// How many blocks a PEM text begins.
private struct PEMMarkers {
    /// Of whatever kind.
    let all: Int
    /// Of the kinds that are wanted.
    let wanted: Int
    /// Certificates with marks of trust and mistrust of their own, a form of OpenSSL's (openssl-x509(1), "Trust Settings").
    let ofTrust: Int

    init(in bytes: UnsafeRawBufferPointer, labels: [String]) {
        all = PEMMarkers.count("-----BEGIN ", in: bytes)
        wanted = labels.reduce(0) { $0 + PEMMarkers.count("-----BEGIN \($1)-----", in: bytes, isAtStart: true) }
        ofTrust = PEMMarkers.count("-----BEGIN TRUSTED CERTIFICATE-----", in: bytes, isAtStart: true)
    }

    /// How often `marker` is there; where `isAtStart`, with nothing but white space and a byte-order mark before it on its
    /// line: what stands behind other text is a comment.
    static func count(_ marker: String, in bytes: UnsafeRawBufferPointer, isAtStart: Bool = false) -> Int {
        let marker = Array(marker.utf8)
        guard let first = marker.first, bytes.count >= marker.count else { return 0 }
        var count = 0
        var rest = bytes[...]
        while let start = rest.firstIndex(of: first) {
            let isFound = rest[start...].starts(with: marker) && (!isAtStart || isStartOfLine(bytes[..<start]))
            if isFound { count += 1 }
            rest = rest[(start + 1)...]
        }
        return count
    }

    private static func isStartOfLine(_ before: Slice<UnsafeRawBufferPointer>) -> Bool {
        let blank: Set<UInt8> = [0x20, 0x09, 0xEF, 0xBB, 0xBF]
        return before.last { !blank.contains($0) }.map { $0 == 0x0A || $0 == 0x0D } ?? true
    }
}

/// Without a callback of ours, OpenSSL would ask on the terminal.
private func refusePassphrase(
    _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _: UnsafeMutableRawPointer?
) -> Int32 {
    -1
}

extension OpenSSLError {
    fileprivate var isEndOfPEM: Bool {
        library == Int32(ERR_LIB_PEM) && reason == PEM_R_NO_START_LINE
    }
}
