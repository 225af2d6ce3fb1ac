import Glibc

/// The device and inode of a stream that systemd connected to the journal, as JOURNAL_STREAM tells them
/// (systemd.exec(5)). A child that got another standard error still has the variable: only the comparison counts.
package struct JournalStream: Equatable, Sendable {
    /// The device number of the stream.
    package let device: UInt64
    /// The inode number of the stream.
    package let inode: UInt64

    /// The stream that `text` names in the form `device:inode`, in decimal; nil when it does not.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else { return nil }
        self.device = device
        self.inode = inode
    }

    /// The stream that `descriptor` stands for; nil when it is not open.
    package init?(descriptor: CInt) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    /// Whether what is written to `descriptor` goes to the journal.
    package static func isConnected(to descriptor: CInt, environment: ServiceEnvironment = .process) -> Bool {
        guard let named = environment["JOURNAL_STREAM"].flatMap({ JournalStream($0) }) else { return false }
        return named == JournalStream(descriptor: descriptor)
    }
}
