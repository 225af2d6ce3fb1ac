package import MPushModel

/// The messages that a broker was given and has not confirmed, by the numbers that it confirms them with: bounded, so that
/// no more is read than it takes.
package struct PublishWindow: Sendable {
    private struct Entry {
        let id: String
        let bytes: Int
        let since: Instant
    }

    private let mostMessages: Int
    private let mostBytes: Int
    private var entries: [Int: Entry] = [:]
    /// In the order in which they were sent; those before `first` are confirmed.
    private var order: [Int] = []
    private var first = 0
    private var bytes = 0

    package init(messages: Int = 1024, bytes: Int = 8 << 20) {
        mostMessages = messages
        mostBytes = bytes
    }

    package var count: Int { entries.count }

    /// One message always has room, whatever its size.
    package var isFull: Bool { entries.count >= mostMessages || bytes >= mostBytes }

    /// Since when the message that waits longest does; nil where none waits.
    package var oldest: Instant? { first < order.count ? entries[order[first]]?.since : nil }

    /// The message `id` was sent as `number`.
    package mutating func sent(_ number: Int, id: String, bytes: Int, at now: Instant) {
        entries[number] = Entry(id: id, bytes: bytes, since: now)
        order.append(number)
        self.bytes += bytes
    }

    /// The broker has spoken about `number`: the id of its message; nil where none waits.
    package mutating func confirmed(_ number: Int) -> String? {
        guard let entry = entries.removeValue(forKey: number) else { return nil }
        bytes -= entry.bytes
        while first < order.count, entries[order[first]] == nil { first += 1 }
        if first > 512, first * 2 > order.count {
            order.removeFirst(first)
            first = 0
        }
        return entry.id
    }
}
