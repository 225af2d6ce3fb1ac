import COpenSSL
import MPushSecret

/// Reads what is in a PEM text, and says of which setting it was when it cannot.
struct PEMReader {
    /// The setting that the text belongs to, for errors.
    let setting: TLSConfigurationError.Setting

    /// All certificates in `text`, at least one, in their order.
    func certificates(in text: [UInt8]) throws(TLSConfigurationError) -> [Certificate] {
        try all(in: text) { bio in
            PEM_read_bio_X509(bio, nil, refusePassphrase, nil).map { Certificate(owning: $0) }
        }
    }

    /// All revocation lists in `text`, at least one.
    func revocationLists(in text: [UInt8]) throws(TLSConfigurationError) -> [RevocationList] {
        try all(in: text) { bio in
            PEM_read_bio_X509_CRL(bio, nil, refusePassphrase, nil).map { RevocationList(owning: $0) }
        }
    }

    /// The private key in `text`; the caller frees it.
    func privateKey(in text: SecretBytes) throws(TLSConfigurationError) -> OpaquePointer {
        OpenSSLError.clearQueue()
        var askedForPassphrase = false
        let key = text.withUnsafeBytes { bytes in
            withBIO(over: bytes) { PEM_read_bio_PrivateKey($0, nil, refusePassphrase, &askedForPassphrase) }
        }
        if let key { return key }
        if askedForPassphrase { throw TLSConfigurationError(setting, .encrypted) }
        // OpenSSL's words for a text without a key are those for a key that it does not know.
        guard text.withUnsafeBytes({ contains("PRIVATE KEY-----", $0) }) else {
            let isPEM = text.withUnsafeBytes { contains("-----BEGIN ", $0) }
            throw TLSConfigurationError(setting, isPEM ? .nothingOfItsKind : .notPEM)
        }
        throw TLSConfigurationError(setting, .unreadable, detail: OpenSSLError.takeText())
    }

    /// Collects what `read` finds until it finds no more. OpenSSL skips blocks of other kinds by itself, and reports
    /// the end of the text as a missing start line.
    private func all<Item>(
        in text: [UInt8], read: (OpaquePointer) -> Item?
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
        if found.isEmpty {
            let isPEM = text.withUnsafeBytes { contains("-----BEGIN ", $0) }
            throw TLSConfigurationError(setting, isPEM ? .nothingOfItsKind : .notPEM)
        }
        return found
    }

    private func withBIO<Result>(over bytes: UnsafeRawBufferPointer, _ body: (OpaquePointer) -> Result?) -> Result? {
        guard let length = Int32(exactly: bytes.count), let bio = BIO_new_mem_buf(bytes.baseAddress, length) else {
            return nil
        }
        defer { BIO_free(bio) }
        return body(bio)
    }

    private func contains(_ marker: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let marker = Array(marker.utf8)
        guard bytes.count >= marker.count else { return false }
        return (0...(bytes.count - marker.count)).contains { start in
            bytes[start] == marker[0] && bytes[start..<(start + marker.count)].elementsEqual(marker)
        }
    }
}

/// Without a callback of ours, OpenSSL would ask on the terminal. The last argument points to a Bool that is told that a
/// passphrase was asked for.
private func refusePassphrase(
    _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, wasAsked: UnsafeMutableRawPointer?
) -> Int32 {
    wasAsked?.assumingMemoryBound(to: Bool.self).pointee = true
    return -1
}

extension OpenSSLError {
    fileprivate var isEndOfPEM: Bool {
        library == Int32(ERR_LIB_PEM) && reason == PEM_R_NO_START_LINE
    }
}
