import CLinux
import Glibc
import MPushPlatform

/// The files of the database, seen without SQLite: it takes an empty file for a new database, and drops without a word a log
/// that does not begin as one, and acknowledged messages with it.
struct InboxFiles {
    /// What is to be known before SQLite opens them.
    enum Finding: Equatable {
        case sound
        /// It is not the database that it was.
        case damaged(String)
        /// The database may be sound, but the log of `bytes` is not: SQLite would pass over it.
        case logDamaged(bytes: Int)
    }

    private static let suffixes = ["-wal", "-shm", "-journal"]
    private static let mostSetAside = 4
    /// Of a log, before its first frame (sqlite.org/fileformat2.html#walformat).
    private static let headerLength = 32

    let directory: String
    let path: String

    init(in directory: String) {
        self.directory = directory
        path = directory + "/inbox.db"
    }

    /// Looks at them.
    func look() -> Finding {
        // What is not a file at all is SQLite's to say.
        guard [path, path + "-wal"].allSatisfy({ InboxFiles.isFileOrMissing($0) }) else { return .sound }
        let (database, log) = (InboxFiles.size(of: path), InboxFiles.size(of: path + "-wal") ?? 0)
        switch database {
        case nil where log > 0: return .damaged("it is gone, and its log is there")
        case 0: return .damaged("it is empty")
        case nil: return .sound
        default: return log < InboxFiles.headerLength || isLog() ? .sound : .logDamaged(bytes: log)
        }
    }

    /// Whether the log begins as SQLite begins one: with its mark, and a checksum of that.
    private func isLog() -> Bool {
        let descriptor = open(path + "-wal", O_RDONLY | O_CLOEXEC)
        // What cannot be read is SQLite's to say.
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        var header = [UInt8](repeating: 0, count: InboxFiles.headerLength)
        guard read(descriptor, &header, header.count) == header.count else { return true }
        let words = stride(from: 0, to: header.count, by: 4).map { start in
            header[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        guard words[0] | 1 == 0x377F_0683 else { return false }
        // The last bit of the mark says in which order the checksum reads the bytes of a word.
        let read = words[0] & 1 == 1 ? words : words.map(\.byteSwapped)
        var sums: (UInt32, UInt32) = (0, 0)
        for index in stride(from: 0, to: 6, by: 2) {
            sums.0 = sums.0 &+ read[index] &+ sums.1
            sums.1 = sums.1 &+ read[index + 1] &+ sums.0
        }
        return words[6] == sums.0 && words[7] == sums.1
    }

    private static func size(of path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    private static func isFileOrMissing(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    }

    // MARK: - Setting aside

    /// Moves the database out of the way, whole, and gives where it is then, or what there is of it; nil where that fails.
    func setAside(at stamp: String) -> String? {
        let target = freeName(stamp)
        var moved: String?
        for suffix in [""] + InboxFiles.suffixes {
            if rename(path + suffix, target + suffix) == 0 {
                moved = moved ?? target + suffix
            } else if suffix.isEmpty, errno != ENOENT {
                return nil
            }
        }
        removeOldest()
        return moved
    }

    /// Moves the log alone out of the way.
    func setLogAside(at stamp: String) -> String? {
        let target = freeName(stamp) + "-wal"
        guard rename(path + "-wal", target) == 0 else { return nil }
        unlink(path + "-shm")
        removeOldest()
        return target
    }

    /// Removes a database that was begun and holds nothing yet, for want of room: it would be taken for a damaged one.
    func removeIfEmpty() {
        if InboxFiles.isFileOrMissing(path), InboxFiles.size(of: path) == 0,
            (InboxFiles.size(of: path + "-wal") ?? 0) == 0
        {
            unlink(path)
        }
    }

    private func freeName(_ stamp: String) -> String {
        let base = "\(path).damaged-\(stamp.filter { $0 != "-" && $0 != ":" })"
        let names = (0...99).lazy.map { $0 == 0 ? base : "\(base).\($0)" }
        return names.first { access($0, F_OK) != 0 && access($0 + "-wal", F_OK) != 0 } ?? base
    }

    /// Keeps the newest few: damage after damage must not fill the disk.
    private func removeOldest() {
        let names = FileSystem.names(in: directory).filter { $0.hasPrefix("inbox.db.damaged-") }
        let sets = Set(
            names.map { name in
                InboxFiles.suffixes.first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) } ?? name
            })
        for name in sets.sorted().dropLast(InboxFiles.mostSetAside) {
            for suffix in [""] + InboxFiles.suffixes { unlink("\(directory)/\(name)\(suffix)") }
        }
    }
}
