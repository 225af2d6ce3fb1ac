import CSQLite
import Glibc
import MPushModel
import MPushPlatform
import Synchronization

/// SQLite's view of a simulated disk: an sqlite3_vfs of one process (sqlite.org/vfs.html). It answers as the one for Unix of
/// SQLite does (os_unix.c), which the daemon uses otherwise.
///
/// Registered under `name` until the last of process and open files is gone: whoever has a database open may close it when
/// the process is long dead.
final class DatabaseFileSystem {
    /// As SQLite's own has it.
    private static let longestPath: CInt = 512
    /// 1970-01-01 00:00 UTC as a Julian day number, in milliseconds.
    private static let unixEpoch: sqlite3_int64 = 210_866_760_000_000
    private static let number = Atomic<Int>(0)

    let name: String
    let process: ProcessState
    let disk: SimulatedDisk
    private let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
    private let nameCopy: UnsafeMutablePointer<CChar>?

    init(of process: ProcessState, on disk: SimulatedDisk) {
        self.process = process
        self.disk = disk
        let number = DatabaseFileSystem.number.add(1, ordering: .relaxed).newValue
        name = "simulated-\(number)"
        nameCopy = strdup(name)
        vfs.initialize(to: sqlite3_vfs())
        vfs.pointee.iVersion = 2
        vfs.pointee.szOsFile = DatabaseFile.size
        vfs.pointee.mxPathname = DatabaseFileSystem.longestPath
        vfs.pointee.zName = UnsafePointer(nameCopy)
        vfs.pointee.pAppData = Unmanaged.passUnretained(self).toOpaque()
        setFunctions()
        sqlite3_vfs_register(vfs, 0)
    }

    deinit {
        sqlite3_vfs_unregister(vfs)
        vfs.deallocate()
        free(nameCopy)
    }

    private static func of(_ vfs: UnsafeMutablePointer<sqlite3_vfs>?) -> DatabaseFileSystem? {
        vfs?.pointee.pAppData.map { Unmanaged<DatabaseFileSystem>.fromOpaque($0).takeUnretainedValue() }
    }

    private func setFunctions() {
        vfs.pointee.xOpen = { vfs, path, file, flags, outFlags in
            guard let file else { return SQLITE_MISUSE }
            file.pointee.pMethods = nil
            guard let system = DatabaseFileSystem.of(vfs) else { return SQLITE_MISUSE }
            return system.open(path.map { String(cString: $0) }, file, flags, outFlags)
        }
        vfs.pointee.xDelete = { vfs, path, isSyncing in
            guard let system = DatabaseFileSystem.of(vfs), let path else { return SQLITE_MISUSE }
            return system.delete(String(cString: path), isSyncing: isSyncing != 0)
        }
        vfs.pointee.xAccess = { vfs, path, question, answer in
            guard let system = DatabaseFileSystem.of(vfs), let path else { return SQLITE_MISUSE }
            guard let isSo = system.access(String(cString: path), question) else { return DatabaseCode.access }
            answer?.pointee = isSo ? 1 : 0
            return SQLITE_OK
        }
        vfs.pointee.xFullPathname = { _, path, room, full in
            // There are no links and no working directory.
            guard let path, let full, path.pointee == CChar(UInt8(ascii: "/")), strlen(path) < room else {
                return SQLITE_CANTOPEN
            }
            strcpy(full, path)
            return SQLITE_OK
        }
        vfs.pointee.xRandomness = { vfs, count, bytes in
            guard let system = DatabaseFileSystem.of(vfs), let bytes else { return 0 }
            system.disk.locked { disk in
                for index in 0..<Int(count) { bytes[index] = CChar(truncatingIfNeeded: disk.generator.next()) }
            }
            return count
        }
        // Nobody sleeps in a world of one thread; who waits for a lock gives up, as after any other sleep.
        vfs.pointee.xSleep = { _, microseconds in microseconds }
        vfs.pointee.xCurrentTime = { vfs, days in
            guard let system = DatabaseFileSystem.of(vfs) else { return SQLITE_ERROR }
            days?.pointee = Double(system.julianMilliseconds) / 86_400_000
            return SQLITE_OK
        }
        vfs.pointee.xCurrentTimeInt64 = { vfs, milliseconds in
            guard let system = DatabaseFileSystem.of(vfs) else { return SQLITE_ERROR }
            milliseconds?.pointee = system.julianMilliseconds
            return SQLITE_OK
        }
        vfs.pointee.xGetLastError = { vfs, _, _ in
            guard let system = DatabaseFileSystem.of(vfs) else { return 0 }
            return system.disk.locked { _ in system.process.lastError }
        }
    }

    private var julianMilliseconds: sqlite3_int64 {
        disk.wallTime().millisecondsSince1970 + DatabaseFileSystem.unixEpoch
    }

    /// Runs an operation of SQLite; where it fails, what `code` makes of errno.
    func perform(
        _ code: (CInt) -> CInt, _ operation: (DiskState) throws(OSError) -> CInt
    ) -> CInt {
        disk.locked { disk in
            do throws(OSError) {
                try process.check(on: disk, "")
                return try operation(disk)
            } catch {
                process.lastError = error.number
                return code(error.number)
            }
        }
    }

    // MARK: - Files

    private func open(
        _ path: String?, _ target: UnsafeMutablePointer<sqlite3_file>, _ flags: CInt,
        _ outFlags: UnsafeMutablePointer<CInt>?
    ) -> CInt {
        var seed: UInt32?
        let result = perform { _ in
            SQLITE_CANTOPEN
        } _: { disk throws(OSError) in
            let file = try openFile(path, flags, on: disk)
            outFlags?.pointee = file.isReadOnly ? flags & ~DatabaseFileSystem.writing | SQLITE_OPEN_READONLY : flags
            DatabaseFile.put(DatabaseFile(file, of: self), into: target)
            if flags & SQLITE_OPEN_MAIN_DB != 0 { seed = UInt32(truncatingIfNeeded: disk.generator.next()) | 1 }
            return SQLITE_OK
        }
        if let seed { csqlite_seed_randomness(seed) }
        return result
    }

    private static let writing = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE

    private func openFile(_ path: String?, _ flags: CInt, on disk: DiskState) throws(OSError) -> OpenFile {
        guard let path else { return OpenFile(try disk.makeTemporary(), of: process) }
        let isCreating = flags & SQLITE_OPEN_CREATE != 0
        switch disk.names.node(at: path) {
        case .directory?: throw OSError(EISDIR, "open")
        case .file(let node)?:
            guard flags & SQLITE_OPEN_EXCLUSIVE == 0 else { throw OSError(EEXIST, "open") }
            if disk.isDown { throw OSError(ENODEV, "open") }
            let isReadOnly = flags & SQLITE_OPEN_READWRITE == 0 || disk.troubles.isReadOnly
            return OpenFile(
                node, of: process, isReadOnly: isReadOnly, directoryToSync: directoryToSync(path, flags, on: disk))
        case nil:
            guard isCreating else { throw OSError(ENOENT, "open") }
            let node = try disk.make(path)
            let file = OpenFile(node, of: process, directoryToSync: directoryToSync(path, flags, on: disk))
            if flags & SQLITE_OPEN_DELETEONCLOSE != 0 { try disk.remove(path) }
            return file
        }
    }

    /// A journal that nobody finds after a power cut is of no use.
    private func directoryToSync(_ path: String, _ flags: CInt, on disk: DiskState) -> DirectoryNode? {
        let journals = SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL
        guard flags & SQLITE_OPEN_CREATE != 0, flags & journals != 0 else { return nil }
        return try? disk.names.place(of: path, "open").directory
    }

    private func delete(_ path: String, isSyncing: Bool) -> CInt {
        let removed = perform {
            $0 == ENOENT ? DatabaseCode.deleteNoEntry : DatabaseCode.delete
        } _: {
            disk throws(OSError) in
            try disk.remove(path)
            return SQLITE_OK
        }
        guard removed == SQLITE_OK, isSyncing else { return removed }
        return perform { _ in
            DatabaseCode.directorySync
        } _: { disk throws(OSError) in
            try disk.sync(try disk.names.place(of: path, "open").directory)
            return SQLITE_OK
        }
    }

    /// The answer to xAccess; nil where there is none. An empty file counts as none, where it is asked whether there is one.
    private func access(_ path: String, _ question: CInt) -> Bool? {
        disk.locked { disk in
            guard process.isAlive(on: disk), !disk.isDown else {
                process.lastError = ENODEV
                return nil
            }
            switch disk.names.node(at: path) {
            case nil: return false
            case .directory?: return true
            case .file(let file)?:
                return question == SQLITE_ACCESS_EXISTS ? file.size > 0 : !disk.troubles.isReadOnly
            }
        }
    }
}

/// Extended result codes, which are expressions in C that Swift does not import.
enum DatabaseCode {
    static let read = SQLITE_IOERR | 1 << 8
    static let shortRead = SQLITE_IOERR | 2 << 8
    static let write = SQLITE_IOERR | 3 << 8
    static let sync = SQLITE_IOERR | 4 << 8
    static let directorySync = SQLITE_IOERR | 5 << 8
    static let truncate = SQLITE_IOERR | 6 << 8
    static let status = SQLITE_IOERR | 7 << 8
    static let delete = SQLITE_IOERR | 10 << 8
    static let access = SQLITE_IOERR | 13 << 8
    static let lock = SQLITE_IOERR | 15 << 8
    static let deleteNoEntry = SQLITE_IOERR | 23 << 8
    static let corruptFileSystem = SQLITE_IOERR | 33 << 8
}
