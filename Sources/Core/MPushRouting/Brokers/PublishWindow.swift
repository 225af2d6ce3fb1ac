package import MPushModel

/// The messages that a broker was given and has not confirmed, each by a number, in the order in which they were sent: bounded,
/// so that no more is read than the broker takes.
package struct PublishWindow: Sendable {
    private struct Entry {
        let id: String
        let bytes: Int
        let since: Instant
    }

    /// Places for each message that may wait.
    private static let mostPlaces = 64

    private let mostMessages: Int
    private let mostBytes: Int
    /// By number; nil what is confirmed. Before `first` all is.
    private var entries: [Entry?] = []
    private var first = 0
    /// The number of the first that `entries` has.
    private var firstNumber = 1
    private var bytes = 0
    package private(set) var count = 0

    package init(messages: Int = 1024, bytes: Int = 8 << 20) {
        mostMessages = messages
        mostBytes = bytes
    }

    /// The number of the message that is sent next, from 1.
    package var next: Int { firstNumber + entries.count }

    /// What is remembered of messages, for tests.
    var kept: Int { entries.count }

    /// One message always has room, whatever its size. Behind one that waits long, what is confirmed counts as well: each keeps
    /// its place.
    package var isFull: Bool {
        count >= mostMessages || bytes >= mostBytes
            || entries.count - first >= mostMessages * PublishWindow.mostPlaces
    }

    /// Since when the message that waits longest does; nil where none waits.
    package var oldest: Instant? { first < entries.count ? entries[first]?.since : nil }

    /// The message `id` was sent, as the number `next`.
    package mutating func sent(id: String, bytes: Int, at now: Instant) {
        entries.append(Entry(id: id, bytes: bytes, since: now))
        self.bytes += bytes
        count += 1
    }

    /// The broker has spoken about `number`: the id of its message; nil where none waits.
    package mutating func confirmed(_ number: Int) -> String? {
        guard (firstNumber..<next).contains(number), let entry = entries[number - firstNumber] else { return nil }
        entries[number - firstNumber] = nil
        bytes -= entry.bytes
        count -= 1
        while first < entries.count, entries[first] == nil { first += 1 }
        if first > 512, first * 2 > entries.count {
            entries.removeFirst(first)
            firstNumber += first
            first = 0
        }
        return entry.id
    }
}
