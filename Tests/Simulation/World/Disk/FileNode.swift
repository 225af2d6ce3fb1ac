/// A file: what a program sees of it, what is on the disk, and the way from the one to the other.
final class FileNode {
    /// What a sync would make durable.
    private enum Change {
        case write(offset: Int, bytes: [UInt8])
        /// A truncation, or the length alone of a write whose bytes are lost.
        case resize(Int)
    }

    /// A kernel writes back on its own what waits for long: what is never synced does not wait for ever.
    private static let mostUnsynced = 4096
    /// What a change takes beside its bytes: the head of their array, what malloc(3) adds, and its place, and one that is free.
    private static let changeBytes = 48 + 2 * MemoryLayout<Change>.stride
    /// The smallest piece that a disk writes whole.
    private static let sectorSize = 512

    /// Which file it is: the inode's number.
    let number: UInt64
    /// What programs see.
    private(set) var content = FilePages()
    /// What is there after a power cut, whatever happens.
    private var durable = FilePages()
    /// In order.
    private var unsynced: [Change] = []
    /// Pages that a failed sync has marked as clean, with a content that the disk does not have. For membership only.
    private var lostPages: Set<Int> = []

    /// How many names it has, and how many have it open.
    var links = 0
    var handles = 0
    /// Who holds a lock on it.
    var locks: [OpenFile] = []

    init(number: UInt64) {
        self.number = number
    }

    var isUsed: Bool { links > 0 || handles > 0 }
    var size: Int { content.size }
    /// What it takes of the memory of the world.
    var heldBytes: Int {
        let waiting = unsynced.reduce(0) { sum, change in
            if case .write(_, let bytes) = change { sum + bytes.count + FileNode.changeBytes } else { sum }
        }
        let pages = content.ownPageCount + durable.ownPageCount - content.pageCount(sharedWith: durable)
        let places = content.pageCount + durable.pageCount
        return pages * FilePages.heldBytes + places * FilePages.placeBytes + waiting
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        content.write(bytes, at: offset)
        add(.write(offset: offset, bytes: [UInt8](bytes)))
        if !lostPages.isEmpty { writeAgain(offset..<offset + bytes.count) }
    }

    func resize(to size: Int) {
        content.resize(to: size)
        add(.resize(size))
    }

    private func add(_ change: Change) {
        unsynced.append(change)
        if unsynced.count > FileNode.mostUnsynced { apply(FileNode.mostUnsynced / 2) }
    }

    /// A lost page that is written to is dirty again as a whole.
    private func writeAgain(_ range: Range<Int>) {
        FilePages.forEachPage(of: range) { index, _ in
            guard lostPages.remove(index) != nil else { return }
            let start = index * FilePages.pageSize
            let bytes = content.bytes(in: start..<start + FilePages.pageSize)
            unsynced.append(.write(offset: start, bytes: bytes))
        }
    }

    // MARK: - Sync

    /// Makes content and size durable.
    func sync() {
        apply(unsynced.count)
    }

    private func apply(_ count: Int) {
        for change in unsynced.prefix(count) {
            switch change {
            case .write(let offset, let bytes): bytes.withUnsafeBytes { durable.write($0, at: offset) }
            case .resize(let size): durable.resize(to: size)
            }
        }
        if count == unsynced.count {
            unsynced.removeAll(keepingCapacity: true)
        } else {
            unsynced.removeFirst(count)
        }
    }

    /// A sync has failed: Linux marks as clean what it could not write, programs go on seeing it, and the next sync finds
    /// nothing to do. Sizes go another way, and are not lost.
    func losePages() {
        var size = durable.size
        var kept: [Change] = []
        for change in unsynced {
            switch change {
            case .write(let offset, let bytes):
                FilePages.forEachPage(of: offset..<offset + bytes.count) { index, _ in lostPages.insert(index) }
                if offset + bytes.count > size {
                    size = offset + bytes.count
                    kept.append(.resize(size))
                }
            case .resize(let newSize):
                size = newSize
                kept.append(change)
            }
        }
        unsynced = kept
    }

    // MARK: - Power cut

    /// Leaves what the disk has after a power cut: of what was not synced any part, in pieces of a page or of a sector.
    func losePower(using generator: inout some RandomNumberGenerator) {
        let odds = CutOdds.random(using: &generator)
        for change in unsynced {
            switch change {
            case .write(let offset, let bytes):
                let end = offset + bytes.count
                if end > durable.size, odds.isKept(using: &generator) { durable.resize(to: end) }
                keep(bytes, at: offset, odds, using: &generator)
            case .resize(let size): if odds.isKept(using: &generator) { durable.resize(to: size) }
            }
        }
        unsynced = []
        lostPages = []
        content = durable
        handles = 0
        locks = []
    }

    private func keep(
        _ bytes: [UInt8], at offset: Int, _ odds: CutOdds, using generator: inout some RandomNumberGenerator
    ) {
        var start = offset
        // What lies behind an end that was lost is not part of the file.
        let end = min(offset + bytes.count, durable.size)
        while start < end {
            let pageEnd = min(end, (start / FilePages.pageSize + 1) * FilePages.pageSize)
            switch odds.fate(using: &generator) {
            case .kept: copy(bytes, from: offset, start..<pageEnd)
            case .lost: break
            case .torn:
                while start < pageEnd {
                    let sectorEnd = min(pageEnd, (start / FileNode.sectorSize + 1) * FileNode.sectorSize)
                    if Bool.random(using: &generator) { copy(bytes, from: offset, start..<sectorEnd) }
                    start = sectorEnd
                }
            }
            start = pageEnd
        }
    }

    private func copy(_ bytes: [UInt8], from offset: Int, _ range: Range<Int>) {
        bytes.withUnsafeBytes { bytes in
            let part = bytes[range.lowerBound - offset..<range.upperBound - offset]
            durable.write(UnsafeRawBufferPointer(rebasing: part), at: range.lowerBound)
        }
    }

    /// Adds what programs see and what is durable.
    func hash(into hash: inout ContentHash) {
        hash.combine(number)
        content.hash(into: &hash)
        durable.hash(into: &hash)
    }
}

/// How likely a change that was not synced is there after a power cut: now nearly all of them, now nearly none.
struct CutOdds {
    enum Fate { case kept, lost, torn }

    private let keep: Double
    private let tear: Double

    static func random(using generator: inout some RandomNumberGenerator) -> CutOdds {
        let keep = [0, 0.1, 0.5, 0.9, 1][Int.random(in: 0..<5, using: &generator)]
        let tear = [0, 0, 0.1, 0.5][Int.random(in: 0..<4, using: &generator)]
        return CutOdds(keep: keep, tear: tear)
    }

    func isKept(using generator: inout some RandomNumberGenerator) -> Bool {
        Double.random(in: 0..<1, using: &generator) < keep
    }

    func fate(using generator: inout some RandomNumberGenerator) -> Fate {
        if Double.random(in: 0..<1, using: &generator) < tear { return .torn }
        return isKept(using: &generator) ? .kept : .lost
    }
}
