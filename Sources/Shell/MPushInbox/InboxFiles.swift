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
        /// The database may be sound, but the log is not: SQLite would pass over it.
        case logDamaged
        /// SQLite passes over transactions at the end of the log: one of them, or one before them, is not whole.
        case logCut(WriteAheadLog.Dropped)
    }

    private static let suffixes = ["-wal", "-shm", "-journal"]
    private static let setAsidePrefix = "inbox.db.damaged-"
    /// Of a log that was set aside while the positions in it are not skipped yet.
    private static let lostSuffix = ".lost"
    private static let mostSetAside = 4

    let directory: String
    let path: String

    private let files: any FileStore

    init(in directory: String, _ files: any FileStore) {
        self.directory = directory
        self.files = files
        path = directory + "/inbox.db"
    }

    /// Looks at them. Throws where that cannot be done: nobody knows then whether they are damaged.
    func look() throws(OSError) -> Finding {
        let found = (try files.look(at: path), try files.look(at: path + "-wal"))
        // What is not a file at all is SQLite's to say.
        guard found.0?.isFile ?? true, found.1?.isFile ?? true else { return .sound }
        let (database, log) = (found.0?.size, Int(clamping: found.1?.size ?? 0))
        switch database {
        case nil where log > 0: return .damaged("it is gone, and its log is there")
        // A first start whose power went: what was open once has a reserve beside it.
        case 0 where log == 0 && size(of: DiskReserve.path(in: directory)) == nil: return .sound
        case 0: return .damaged("it is empty")
        case nil: return .sound
        // SQLite syncs the beginning of a log before it writes a frame to it: without a frame nothing is lost with it,
        // whatever a power cut has made of it.
        default:
            guard log > WriteAheadLog.headerLength else { return .sound }
            return switch try WriteAheadLog.look(at: path + "-wal", of: log, in: files) {
            case .none: .logDamaged
            case .log(let dropped): dropped.transactions == 0 ? .sound : .logCut(dropped)
            }
        }
    }

    private func size(of path: String) -> Int? { files.status(of: path).map { Int(clamping: $0.size) } }

    // MARK: - Setting aside

    /// Moves the database out of the way, whole, and gives where it is then, or what there is of it; nil where there is
    /// nothing. Throws where that fails, and then all is where it was.
    func setAside(at stamp: String) throws(OSError) -> String? {
        guard let target = freeName(stamp) else { throw OSError(EEXIST, "rename") }
        var moved: [String] = []
        // The database first: a log without one is known to belong to one that is gone.
        for suffix in [""] + InboxFiles.suffixes {
            do throws(OSError) {
                try files.rename(path + suffix, to: target + suffix)
                moved.append(suffix)
            } catch {
                if error.number == ENOENT { continue }
                for suffix in moved.reversed() { try? files.rename(target + suffix, to: path + suffix) }
                throw error
            }
        }
        // The database that they belonged to has gone with them.
        renameLostLogs()
        removeOldest(but: target)
        return moved.first.map { target + $0 }
    }

    /// Moves the log alone out of the way. By its name it is known what was lost, also after a restart, until
    /// `releaseLostLogs`.
    func setLogAside(at stamp: String) throws(OSError) {
        guard let target = freeName(stamp) else { throw OSError(EEXIST, "rename") }
        try files.rename(path + "-wal", to: target + "-wal" + InboxFiles.lostSuffix)
        try? files.remove(path + "-shm")
    }

    private var lostLogs: [String] {
        files.names(in: directory)
            .filter { $0.hasPrefix(InboxFiles.setAsidePrefix) && $0.hasSuffix(InboxFiles.lostSuffix) }
            .sorted().map { "\(directory)/\($0)" }
    }

    /// How long the logs are together that were lost, and not released; nil for none.
    var lostBytes: Int? {
        let logs = lostLogs
        return logs.isEmpty ? nil : logs.reduce(0) { $0 &+ (size(of: $1) ?? 0) }
    }

    /// What was lost with them needs no care any more. Gives where the newest of them is.
    func releaseLostLogs() -> String? {
        let newest = renameLostLogs()
        if let newest { removeOldest(but: InboxFiles.set(of: newest)) }
        return newest
    }

    @discardableResult
    private func renameLostLogs() -> String? {
        var newest: String?
        for log in lostLogs {
            let target = String(log.dropLast(InboxFiles.lostSuffix.count))
            newest = (try? files.rename(log, to: target)) != nil ? target : log
        }
        return newest
    }

    /// Removes a database that was begun and holds nothing yet, for want of room: it would be taken for a damaged one.
    func removeIfEmpty() {
        guard let database = files.status(of: path), database.isFile, database.size == 0,
            let log = try? files.look(at: path + "-wal")?.size ?? 0, log == 0
        else { return }
        try? files.remove(path)
    }

    /// A name that nothing has which was set aside; nil where there are too many. None of that is ever written over.
    private func freeName(_ stamp: String) -> String? {
        let base = "\(path).damaged-\(stamp.filter { $0 != "-" && $0 != ":" })"
        let names = (0...99).lazy.map { $0 == 0 ? base : "\(base).\($0)" }
        let suffixes = [""] + InboxFiles.suffixes + ["-wal" + InboxFiles.lostSuffix]
        return names.first { name in suffixes.allSatisfy { !files.isTaken(name + $0) } }
    }

    /// At the start the disk may not have been to be written: makes the directory and locks it now.
    func haveDirectory(locking lock: DirectoryLock?) throws(SQLiteError) {
        do throws(OSError) {
            try files.keepDirectory(directory, mode: 0o700)
        } catch {
            throw SQLiteError.unopened("the directory cannot be made or kept", error)
        }
        do throws(DirectoryLock.Failure) {
            try lock?.acquire()
        } catch {
            switch error {
            case .held(let holder):
                throw SQLiteError(
                    code: SQLiteError.busy, message: "the directory is in use by \(holder ?? "another process")")
            case .impossible(let error):
                throw SQLiteError.unopened("the directory cannot be locked", error)
            }
        }
    }

    /// Keeps the newest few: damage after damage must not fill the disk. `newest` is that, whatever the wall clock said.
    private func removeOldest(but newest: String) {
        let names = files.names(in: directory)
            .filter { $0.hasPrefix(InboxFiles.setAsidePrefix) && !$0.hasSuffix(InboxFiles.lostSuffix) }
        let sets = Set(names.map { "\(directory)/\(InboxFiles.set(of: $0))" }).subtracting([newest])
        for name in sets.sorted().dropLast(InboxFiles.mostSetAside - 1) {
            for suffix in [""] + InboxFiles.suffixes { try? files.remove(name + suffix) }
        }
    }

    /// The name that the files have in common which were set aside together, by that of one of them.
    private static func set(of name: String) -> String {
        suffixes.first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) } ?? name
    }
}
