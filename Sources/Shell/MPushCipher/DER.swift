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
