import Glibc

/// Room on the disk that is held for the moment when there is none. A removal is written to the log first, and the log's
/// room comes back only when what it holds fits into the database: a disk that is full to the last block would keep messages
/// for ever that nobody needs any more.
struct DiskReserve: Sendable {
    /// Enough for what a log holds that could not be emptied, and as much again.
    private static let most = 4 << 20
    /// Less is of no use.
    private static let least = 64 << 10

    private let directory: String
    private let path: String

    init(in directory: String) {
        self.directory = directory
        path = directory + "/inbox.reserve"
    }

    /// How many bytes are held.
    var size: Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// How many are to be held: no more than a fourth of what is free.
    private var wanted: Int {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { return 0 }
        let (free, isOverflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        let bytes = isOverflow ? DiskReserve.most : min(DiskReserve.most, Int(clamping: free / 4))
        return bytes < DiskReserve.least ? 0 : bytes & ~4095
    }

    /// Holds what is to be held, where nothing is held yet and the disk has it.
    func make() {
        if size == 0 { _ = make(wanted) }
    }

    /// Holds `bytes` and no more; false where the disk does not have them, and then holds nothing.
    func make(_ bytes: Int) -> Bool {
        release()
        guard bytes > 0 else { return true }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard posix_fallocate(descriptor, 0, off_t(bytes)) == 0 else {
            release()
            return false
        }
        return true
    }

    /// Holds nothing any more.
    func release() {
        unlink(path)
    }
}
