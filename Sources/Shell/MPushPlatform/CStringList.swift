/// A list of C strings with NULL at its end, as execve(2) takes it. It owns them: whoever lends them to C has them for one
/// call.
package struct CStringList: ~Copyable {
    private let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    /// Copies `strings`; each ends at its first NUL.
    package init(_ strings: [[UInt8]]) {
        count = strings.count
        pointers = .allocate(capacity: strings.count + 1)
        pointers.initialize(repeating: nil, count: strings.count + 1)
        for (index, bytes) in strings.enumerated() {
            let text = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
            text.initialize(repeating: 0, count: bytes.count + 1)
            for (offset, byte) in bytes.enumerated() { text[offset] = CChar(bitPattern: byte) }
            pointers[index] = text
        }
    }

    deinit {
        for index in 0..<count { pointers[index]?.deallocate() }
        pointers.deallocate()
    }

    /// Lends the list to `body`, which must not keep it.
    package borrowing func withPointers<Result>(
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        body(UnsafePointer(pointers))
    }
}
