import COpenSSL

/// PEM as OpenSSL writes it.
enum PEMText {
    /// What `write` wrote; empty if it could not.
    static func written(_ write: (OpaquePointer) -> Int32) -> [UInt8] {
        guard let bio = BIO_new(BIO_s_mem()) else { return [] }
        defer { BIO_free(bio) }
        guard write(bio) == 1 else { return [] }
        var start: UnsafeMutablePointer<CChar>?
        let length = CBIO_get_mem_data(bio, &start)
        guard let start, length > 0 else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: length))
    }
}
