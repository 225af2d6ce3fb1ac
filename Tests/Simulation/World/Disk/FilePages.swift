/// The bytes of a file, in pages that copies share until one of them writes.
struct FilePages {
    /// What the machine's memory, and a disk, is written in.
    static let pageSize = 4096

    /// What one that was written to takes of the memory of this machine: with the head of its array, and what malloc(3) adds.
    static let heldBytes = pageSize + 32 + 16
    /// The place of any among the others, of which there may be twice as many.
    static let placeBytes = 2 * MemoryLayout<[UInt8]>.stride
    private static let zeroes = [UInt8](repeating: 0, count: pageSize)

    private(set) var size = 0
    /// As many as `size` needs; what lies behind `size` in the last one is zero.
    private var pages: [[UInt8]] = []

    var pageCount: Int { pages.count }

    /// How many were ever written to: the others are all the same one.
    var ownPageCount: Int {
        let nothing = FilePages.address(of: FilePages.zeroes)
        return pages.count { FilePages.address(of: $0) != nothing }
    }

    /// How many that were written to are the same memory as in `other`: since a power cut, until one of the two writes.
    func pageCount(sharedWith other: FilePages) -> Int {
        let nothing = FilePages.address(of: FilePages.zeroes)
        return zip(pages, other.pages).count { one, another in
            let address = FilePages.address(of: one)
            return address != nothing && address == FilePages.address(of: another)
        }
    }

    private static func address(of page: [UInt8]) -> UnsafeRawPointer? { page.withUnsafeBytes { $0.baseAddress } }

    /// How many pages hold `size` bytes.
    static func pageCount(of size: Int) -> Int { (size + pageSize - 1) / pageSize }

    /// Cuts it off, or adds zeroes.
    mutating func resize(to newSize: Int) {
        let count = FilePages.pageCount(of: newSize)
        if count < pages.count {
            pages.removeLast(pages.count - count)
        } else if count > pages.count {
            pages.append(contentsOf: repeatElement(FilePages.zeroes, count: count - pages.count))
        }
        let used = newSize % FilePages.pageSize
        if newSize < size, used > 0 {
            pages[count - 1].withUnsafeMutableBytes { page in
                let rest = UnsafeMutableRawBufferPointer(rebasing: page[used...])
                rest.withMemoryRebound(to: UInt8.self) { $0.update(repeating: 0) }
            }
        }
        size = newSize
    }

    /// Writes `bytes`, and makes it longer where they go on behind its end.
    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        if offset + bytes.count > size { resize(to: offset + bytes.count) }
        FilePages.forEachPage(of: offset..<offset + bytes.count) { index, part in
            let source = UnsafeRawBufferPointer(rebasing: bytes[part.lowerBound - offset..<part.upperBound - offset])
            let start = part.lowerBound - index * FilePages.pageSize
            pages[index].withUnsafeMutableBytes { page in
                UnsafeMutableRawBufferPointer(rebasing: page[start..<start + part.count]).copyMemory(from: source)
            }
        }
    }

    /// Reads as much as there is from `offset` on; how many bytes that were.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        let end = min(size, offset + buffer.count)
        guard offset < end else { return 0 }
        FilePages.forEachPage(of: offset..<end) { index, part in
            let start = part.lowerBound - index * FilePages.pageSize
            let target = UnsafeMutableRawBufferPointer(
                rebasing: buffer[part.lowerBound - offset..<part.upperBound - offset])
            pages[index].withUnsafeBytes { page in
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: page[start..<start + part.count]))
            }
        }
        return end - offset
    }

    /// The bytes in `range`, as far as there are any.
    func bytes(in range: Range<Int>) -> [UInt8] {
        let range = range.clamped(to: 0..<size)
        return [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            count = read(into: UnsafeMutableRawBufferPointer(buffer), at: range.lowerBound)
        }
    }

    /// Calls `body` with each page that `range` touches, and the part of `range` in it.
    static func forEachPage(of range: Range<Int>, _ body: (_ index: Int, _ part: Range<Int>) -> Void) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let index = offset / pageSize
            let end = min(range.upperBound, (index + 1) * pageSize)
            body(index, offset..<end)
            offset = end
        }
    }

    /// Adds size and content to `hash`.
    func hash(into hash: inout ContentHash) {
        hash.combine(UInt64(size))
        for page in pages { page.withUnsafeBytes { hash.combine($0) } }
    }
}

/// The same number for the same content in each run, as `Hasher` does not give it. No protection against intent.
struct ContentHash {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func combine(_ word: UInt64) {
        value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
        value ^= value >> 29
    }

    mutating func combine(_ bytes: UnsafeRawBufferPointer) {
        let whole = bytes.count & ~7
        for offset in stride(from: 0, to: whole, by: 8) {
            combine(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        for byte in bytes[whole...] { combine(UInt64(byte)) }
    }

    mutating func combine(_ text: String) {
        combine(UInt64(text.utf8.count))
        for byte in text.utf8 { combine(UInt64(byte)) }
    }
}
