package import NIOCore

/// What happened, as a number that two runs of one seed agree on, and on demand as lines for people.
package final class WorldTrace: @unchecked Sendable {
    /// FNV-1a, a word at a time, of all that was noted.
    @exclusivity(unchecked) package private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    /// How many of the latest lines are kept; none by default, because to write them costs more than to run the world.
    package var mostLines = 0 {
        didSet { lines.removeFirst(max(0, lines.count - mostLines)) }
    }
    /// The latest lines, the oldest first.
    package private(set) var lines = CircularBuffer<String>()
    /// What they take of the memory, about.
    package var heldBytes: Int { lines.reduce(0) { $0 + $1.utf8.count + 96 } }
    /// Whether bytes that travel are noted with what is in them. Not for worlds with keys of real chance.
    package var notesContent = true
    /// The time for the lines.
    var time: Int64 = 0

    /// Notes a word.
    @inline(__always)
    package func note(_ word: UInt64) {
        hash = (hash ^ word) &* 0x100_0000_01B3
        hash ^= hash >> 29
    }

    /// Notes bytes.
    package func note(_ bytes: ByteBuffer) {
        note(UInt64(bytes.readableBytes))
        guard notesContent else { return }
        bytes.withUnsafeReadableBytes { bytes in
            var offset = 0
            while offset + 8 <= bytes.count {
                note(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset += 8
            }
            while offset < bytes.count {
                note(UInt64(bytes[offset]))
                offset += 1
            }
        }
    }

    /// Notes an event: its `code` and what it is about count for the hash, the text is for people alone.
    package func note(_ code: UInt64, _ about: UInt64 = 0, _ text: @autoclosure () -> String) {
        note(code)
        note(about)
        guard mostLines > 0 else { return }
        if lines.count >= mostLines { lines.removeFirst() }
        lines.append("\(WorldTrace.text(time)) \(text())")
    }

    /// `3 d 04:05:06.123456`
    private static func text(_ time: Int64) -> String {
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let seconds = time / 1_000_000_000
        let clock = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
        return "\(seconds / 86_400) d \(clock.joined(separator: ":")).\(padded(time % 1_000_000_000 / 1000, 6))"
    }
}
