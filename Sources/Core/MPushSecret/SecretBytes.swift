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
        storage.buffer.initializeFrom(repeatElement(0, count: max(0, count)))
        try fill(storage.buffer)
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

    /// These bytes XORed, one by one, with `other`; nil where the lengths differ.
    package func xored(with other: SecretBytes) -> SecretBytes? {
        guard count == other.count else { return nil }
        return SecretBytes(zip(storage.buffer, other.storage.buffer).lazy.map { $0 ^ $1 })
    }

    /// Owns the memory. Nothing writes to it once the initialiser of `SecretBytes` is done, so it can be shared.
    private final class Storage: @unchecked Sendable {
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
        private static func wipe(_ buffer: UnsafeMutableRawBufferPointer) {
            for index in buffer.indices { buffer[index] = 0 }
        }
    }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate func initializeFrom(_ bytes: some Sequence<UInt8>) {
        for (index, byte) in zip(indices, bytes) { self[index] = byte }
    }
}

extension SecretBytes: Equatable {
    package static func == (left: SecretBytes, right: SecretBytes) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(left.storage.buffer, right.storage.buffer) { difference |= one ^ other }
        return difference == 0
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
