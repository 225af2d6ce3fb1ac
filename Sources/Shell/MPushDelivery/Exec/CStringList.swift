import Glibc

/// A list of C strings with NULL at its end, as execve(2) takes it. To be freed once.
struct CStringList {
    private var pointers: [UnsafeMutablePointer<CChar>?]

    /// Copies `strings`; each ends at its first NUL.
    init(_ strings: [[UInt8]]) {
        pointers = strings.map { bytes in
            bytes.withUnsafeBytes { strndup($0.baseAddress?.assumingMemoryBound(to: CChar.self) ?? "", $0.count) }
        }
        pointers.append(nil)
    }

    func withPointers<Result>(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> Result) -> Result {
        pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }

    mutating func free() {
        for pointer in pointers { Glibc.free(pointer) }
        pointers = []
    }
}
