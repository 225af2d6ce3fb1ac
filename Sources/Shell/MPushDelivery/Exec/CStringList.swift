/// A list of C strings with NULL at its end, as execve(2) takes it. To be freed once.
struct CStringList {
    private var pointers: [UnsafeMutablePointer<CChar>?]

    /// Copies `strings`; each ends at its first NUL.
    init(_ strings: [[UInt8]]) {
        pointers = strings.map { bytes in
            let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
            for (index, byte) in bytes.enumerated() { pointer[index] = CChar(bitPattern: byte) }
            pointer[bytes.count] = 0
            return pointer
        }
        pointers.append(nil)
    }

    func withPointers<Result>(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> Result) -> Result {
        pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }

    mutating func free() {
        for pointer in pointers { pointer?.deallocate() }
        pointers = []
    }
}
