import Glibc

/// What stands in the memory of this process, as the kernel shows it (proc_pid_mem(5)): also what was freed.
package enum ProcessMemory {
    /// Bytes to look for that stand nowhere in this process themselves: they are kept in disguise, and compared one by one.
    package struct Needle {
        private static let disguise: UInt8 = 0xA5
        private let disguised: [UInt8]

        /// Letters and digits, `count` of them, that nothing else in the process has.
        package init(count: Int) {
            let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
            disguised = (0..<count).map { _ in letters[Int.random(in: letters.indices)] ^ Self.disguise }
        }

        /// The line number `number`, from 0, of the file at `path`, which is read byte by byte.
        package init?(line number: Int, of path: String) {
            let descriptor = open(path, O_RDONLY)
            guard descriptor >= 0 else { return nil }
            defer { close(descriptor) }
            var (byte, line, bytes) = (UInt8(0), 0, [UInt8]())
            while line <= number, read(descriptor, &byte, 1) == 1 {
                if byte == 0x0A { line += 1 } else if line == number { bytes.append(byte ^ Self.disguise) }
            }
            byte = 0
            guard bytes.count >= 32 else { return nil }
            disguised = bytes
        }

        package var count: Int { disguised.count }

        /// One of the bytes.
        package subscript(index: Int) -> UInt8 { disguised[index] ^ Self.disguise }

        /// Writes it to a file of mode 0600, byte by byte, with `before` and `after` around it.
        package func write(to path: String, before: [UInt8] = [], after: [UInt8] = []) -> Bool {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
            guard descriptor >= 0 else { return false }
            defer { close(descriptor) }
            func put(_ byte: UInt8) -> Bool {
                withUnsafeBytes(of: byte) { Glibc.write(descriptor, $0.baseAddress, 1) == 1 }
            }
            return before.allSatisfy(put) && (0..<count).allSatisfy { put(self[$0]) } && after.allSatisfy(put)
        }
    }

    /// How often `needle` stands in memory that this process can write to; nil where it cannot be looked at.
    package static func occurrences(of needle: Needle) -> Int? {
        let memory = open("/proc/self/mem", O_RDONLY)
        guard memory >= 0, let regions = writableRegions() else { return nil }
        defer { close(memory) }
        let size = 1 << 20
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        defer {
            if let start = chunk.baseAddress { explicit_bzero(start, size) }
            chunk.deallocate()
        }
        // What was read a moment ago stands there, and does not count.
        let own = Int(bitPattern: chunk.baseAddress)..<Int(bitPattern: chunk.baseAddress) + size
        var found = 0
        for region in regions {
            var start = region.lowerBound
            while start < region.upperBound {
                let wanted = min(size, region.upperBound - start)
                let count = pread(memory, chunk.baseAddress, wanted, start)
                guard count > 0 else { break }
                let places = places(of: needle, in: UnsafeRawBufferPointer(rebasing: chunk[..<count]))
                found += places.count { !own.contains(start + $0) }
                guard start + count < region.upperBound, count > needle.count else { break }
                start += count - needle.count + 1
            }
        }
        return found
    }

    private static func places(of needle: Needle, in bytes: UnsafeRawBufferPointer) -> [Int] {
        guard let base = bytes.baseAddress, bytes.count >= needle.count else { return [] }
        var (found, offset) = ([Int](), 0)
        let last = bytes.count - needle.count
        while offset <= last, let hit = memchr(base + offset, Int32(needle[0]), last - offset + 1) {
            let place = UnsafeRawPointer(hit) - base
            if (1..<needle.count).allSatisfy({ bytes[place + $0] == needle[$0] }) { found.append(place) }
            offset = place + 1
        }
        return found
    }

    /// Of proc_pid_maps(5): all that is private and can be written, but for what the sanitizers reserve for themselves.
    private static func writableRegions() -> [Range<Int>]? {
        guard let file = fopen("/proc/self/maps", "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 4096)
        var regions: [Range<Int>] = []
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let words = text.split(separator: " ")
            let ends = (words.first ?? "").split(separator: "-").compactMap { Int($0, radix: 16) }
            guard ends.count == 2, words.count > 1, words[1].hasPrefix("rw") else { continue }
            guard !text.contains("[vvar"), ends[1] - ends[0] <= 1 << 31 else { continue }
            regions.append(ends[0]..<ends[1])
        }
        return regions
    }
}
