import MPushPlatform

/// A write-ahead log, read without SQLite: that takes what comes before the first frame that is not valid, and drops the rest
/// without a word (sqlite.org/fileformat2.html#walformat).
enum WriteAheadLog {
    /// What SQLite makes of one.
    enum Finding: Equatable {
        /// It does not begin as a log, and all of it is dropped.
        case none
        /// It begins as one.
        case log(dropped: Dropped)
    }

    /// What stands behind the last transaction that is taken: SQLite takes none in part.
    struct Dropped: Equatable {
        /// That had ended there.
        var transactions = 0
        /// From the end of the one that is taken on to the end of the last of them.
        var bytes = 0
    }

    /// Before the first frame, in bytes.
    static let headerLength = 32
    private static let frameHeaderLength = 24
    private static let pageSizes: ClosedRange<UInt32> = 512...65_536

    /// - Parameter size: how long it is, in bytes: longer than a header.
    static func look(at path: String, of size: Int, in files: any FileStore) throws(OSError) -> Finding {
        let header = try files.read(path, from: 0, count: headerLength)
        // It has become shorter meanwhile: nothing is in it.
        guard header.count == headerLength else { return .log(dropped: Dropped()) }
        let mark = word(of: header, 0)
        guard mark | 1 == 0x377F_0683 else { return .none }
        // The last bit of the mark says in which order the checksum reads the bytes of a word.
        var sum = Checksum(isBigEndian: mark & 1 == 1)
        sum.add(header[..<24])
        guard sum.matches(header, at: 24) else { return .none }
        let pageSize = word(of: header, 2)
        // SQLite has no other, whatever the checksum says.
        guard pageSizes.contains(pageSize), pageSize.nonzeroBitCount == 1 else { return .none }
        let salts = header[16..<24]
        let length = frameHeaderLength + Int(pageSize)
        var dropped = Dropped()
        var isValid = true
        var (committed, offset) = (headerLength, headerLength)
        while size - offset >= length {
            let frame = try files.read(path, from: offset, count: length)
            guard frame.count == length else { break }
            offset += length
            let hasSalts = frame[8..<16].elementsEqual(salts)
            // The last frame of a transaction says how long the database is then.
            let isLast = word(of: frame, 1) > 0
            if isValid {
                sum.add(frame[..<8])
                sum.add(frame[frameHeaderLength...])
                isValid = hasSalts && sum.matches(frame, at: 16)
            }
            if isValid {
                if isLast { committed = offset }
            } else if hasSalts, isLast {
                // Those with other salts are of a log that was here before.
                dropped = Dropped(transactions: dropped.transactions + 1, bytes: offset - committed)
            }
        }
        return .log(dropped: dropped)
    }

    private static func word(of bytes: some RandomAccessCollection<UInt8>, _ index: Int) -> UInt32 {
        bytes.dropFirst(index * 4).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Over all frames from the beginning on.
    private struct Checksum {
        let isBigEndian: Bool
        private var first: UInt32 = 0
        private var second: UInt32 = 0

        init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

        /// Takes whole pairs of words.
        mutating func add(_ bytes: ArraySlice<UInt8>) {
            bytes.withUnsafeBytes { bytes in
                for offset in stride(from: 0, to: bytes.count & ~7, by: 8) {
                    first = first &+ word(bytes, at: offset) &+ second
                    second = second &+ word(bytes, at: offset + 4) &+ first
                }
            }
        }

        private func word(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            return isBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
        }

        /// Whether it stands at `offset`.
        func matches(_ bytes: [UInt8], at offset: Int) -> Bool {
            let sums = bytes[offset...]
            return WriteAheadLog.word(of: sums, 0) == first && WriteAheadLog.word(of: sums, 1) == second
        }
    }
}
