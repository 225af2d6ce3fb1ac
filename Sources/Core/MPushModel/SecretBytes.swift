/// Bytes that must not be seen: keys, tickets, credentials. They print as `<redacted>`, are compared in a time that does
/// not depend on what they are, and are overwritten when the last holder lets go of them.
package final class SecretBytes: Sendable {
    private let storage: Storage

    /// Copies `bytes`. The caller's copy is the caller's to wipe.
    package init(_ bytes: some Collection<UInt8>) {
        storage = Storage(capacity: bytes.count)
        storage.buffer.initializeFrom(bytes)
    }

    /// `count` bytes, filled in by `fill`, which is handed them zeroed.
    package init<Failure: Error>(
        count: Int, filledBy fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        storage = Storage(capacity: max(0, count))
        Storage.wipe(storage.buffer)
        try fill(storage.buffer)
    }

    /// As many bytes as `fill` says that it wrote to the front of what it is handed: `capacity` bytes, zeroed. What is
    /// kept is no longer than that; the rest is wiped at once.
    package init<Failure: Error>(
        upTo capacity: Int, filledBy fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) {
        let draft = Storage(capacity: max(0, capacity))
        Storage.wipe(draft.buffer)
        let count = min(max(0, try fill(draft.buffer)), draft.buffer.count)
        storage = Storage(capacity: count)
        storage.buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: draft.buffer[..<count]))
    }

    /// How many bytes there are.
    package var count: Int { storage.buffer.count }

    /// Lends the bytes to `body`. They must not be kept beyond it.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(storage.buffer))
    }

    /// Lends the bytes to `body`, one after the other.
    package func forEach(_ body: (UInt8) -> Void) { storage.buffer.forEach(body) }

    /// A copy that is no secret any more: for what goes on the wire or to a file of mode 0600.
    package var exposed: [UInt8] { Array(storage.buffer) }

    /// A secret of its own with the bytes in `range`, as far as there are such.
    package func slice(_ range: Range<Int>) -> SecretBytes {
        SecretBytes(storage.buffer[range.clamped(to: 0..<count)])
    }

    /// These bytes XORed, one by one, with `other`; nil where the lengths differ.
    package func xored(with other: SecretBytes) -> SecretBytes? {
        guard count == other.count else { return nil }
        // In place: a map would make an array of it, which nobody wipes.
        return SecretBytes(count: count) { mixed in
            for index in mixed.indices { mixed[index] = storage.buffer[index] ^ other.storage.buffer[index] }
        }
    }

    /// Owns the memory. Nothing writes to it once the initialiser of `SecretBytes` is done, so it can be shared.
    private final class Storage: @unchecked Sendable {
        private static let zeros = [UInt8](repeating: 0, count: 4096)

        let buffer: UnsafeMutableRawBufferPointer

        init(capacity: Int) {
            buffer = .allocate(byteCount: capacity, alignment: 16)
        }

        deinit {
            Storage.wipe(buffer)
            buffer.deallocate()
        }

        /// Not optimised, so that the last writes before the memory is freed are really made.
        @inline(never) @_optimize(none)
        static func wipe(_ buffer: UnsafeMutableRawBufferPointer) {
            zeros.withUnsafeBytes { zeros in
                for start in stride(from: 0, to: buffer.count, by: zeros.count) {
                    let part = buffer[start..<min(start + zeros.count, buffer.count)]
                    UnsafeMutableRawBufferPointer(rebasing: part)
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: zeros[..<part.count]))
                }
            }
        }
    }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate func initializeFrom(_ bytes: some Sequence<UInt8>) {
        for (index, byte) in zip(indices, bytes) { self[index] = byte }
    }
}

extension SecretBytes: Hashable {
    package static func == (left: SecretBytes, right: SecretBytes) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(left.storage.buffer, right.storage.buffer) { difference |= one ^ other }
        return difference == 0
    }

    /// Hasher's key is made by chance at each start of the process: the hash says nothing of the bytes outside of it.
    package func hash(into hasher: inout Hasher) { hasher.combine(bytes: UnsafeRawBufferPointer(storage.buffer)) }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
