import MPushPlatform

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
    private let files: any FileStore

    init(in directory: String, _ files: any FileStore) {
        self.directory = directory
        self.files = files
        path = DiskReserve.path(in: directory)
    }

    static func path(in directory: String) -> String { directory + "/inbox.reserve" }

    /// How many bytes are held.
    var size: Int { files.status(of: path).map { Int(clamping: $0.size) } ?? 0 }

    /// How many are to be held: no more than a fourth of what is free.
    private var wanted: Int {
        let bytes = min(DiskReserve.most, Int(clamping: (files.room(in: directory) ?? 0) / 4))
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
        do throws(OSError) {
            try files.reserve(bytes, at: path)
            return true
        } catch {
            return false
        }
    }

    /// Holds nothing any more.
    func release() {
        try? files.remove(path)
    }
}
