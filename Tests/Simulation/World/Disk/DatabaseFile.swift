import CLinux
import CSQLite
import Glibc
import MPushPlatform

/// A file that SQLite has open on a simulated disk: sqlite3_io_methods, version 1. It has no shared memory: SQLite needs
/// none for a log (WAL) where the locking mode is exclusive before the first access (sqlite.org/wal.html#noshm).
final class DatabaseFile {
    /// Of what SQLite sets aside for a file: its own part, and a pointer to the object.
    static let size = CInt(MemoryLayout<sqlite3_file>.size + MemoryLayout<UnsafeRawPointer>.size)

    private let file: OpenFile
    private let system: DatabaseFileSystem

    init(_ file: OpenFile, of system: DatabaseFileSystem) {
        self.file = file
        self.system = system
    }

    /// Hands `file` to SQLite, which keeps it until it closes it.
    static func put(_ file: DatabaseFile, into target: UnsafeMutablePointer<sqlite3_file>) {
        let object = Unmanaged.passRetained(file).toOpaque()
        UnsafeMutableRawPointer(target).storeBytes(
            of: object, toByteOffset: MemoryLayout<sqlite3_file>.size, as: UnsafeMutableRawPointer.self)
        target.pointee.pMethods = methods
    }

    private static func object(
        in file: UnsafeMutablePointer<sqlite3_file>?
    ) -> Unmanaged<DatabaseFile>? {
        guard let file, file.pointee.pMethods != nil else { return nil }
        let object = UnsafeMutableRawPointer(file).load(
            fromByteOffset: MemoryLayout<sqlite3_file>.size, as: UnsafeMutableRawPointer.self)
        return Unmanaged<DatabaseFile>.fromOpaque(object)
    }

    /// Calls `body` with the object that SQLite's pointer stands for.
    private static func with(
        _ file: UnsafeMutablePointer<sqlite3_file>?, _ body: (DatabaseFile) -> CInt
    ) -> CInt {
        guard let object = object(in: file) else { return SQLITE_MISUSE }
        return body(object.takeUnretainedValue())
    }

    /// One table for all files; nobody changes or frees it.
    private nonisolated(unsafe) static let methods: UnsafePointer<sqlite3_io_methods> = {
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        methods.initialize(to: sqlite3_io_methods())
        methods.pointee.iVersion = 1
        methods.pointee.xClose = { file in
            guard let object = DatabaseFile.object(in: file) else { return SQLITE_OK }
            file?.pointee.pMethods = nil
            object.takeRetainedValue().close()
            return SQLITE_OK
        }
        methods.pointee.xRead = { file, buffer, count, offset in
            DatabaseFile.with(file) { file in
                file.read(UnsafeMutableRawBufferPointer(start: buffer, count: Int(count)), at: Int(offset))
            }
        }
        methods.pointee.xWrite = { file, bytes, count, offset in
            DatabaseFile.with(file) { file in
                file.write(UnsafeRawBufferPointer(start: bytes, count: Int(count)), at: Int(offset))
            }
        }
        methods.pointee.xTruncate = { file, size in DatabaseFile.with(file) { $0.truncate(to: Int(size)) } }
        methods.pointee.xSync = { file, _ in DatabaseFile.with(file) { $0.sync() } }
        methods.pointee.xFileSize = { file, size in
            DatabaseFile.with(file) { file in file.size { size?.pointee = sqlite3_int64($0) } }
        }
        methods.pointee.xLock = { file, level in DatabaseFile.with(file) { $0.lock(level) } }
        methods.pointee.xUnlock = { file, level in DatabaseFile.with(file) { $0.unlock(to: level) } }
        methods.pointee.xCheckReservedLock = { file, answer in
            DatabaseFile.with(file) { file in file.checkReserved { answer?.pointee = $0 ? 1 : 0 } }
        }
        methods.pointee.xFileControl = { _, _, _ in SQLITE_NOTFOUND }
        // As the file system for Unix says.
        methods.pointee.xSectorSize = { _ in CInt(FilePages.pageSize) }
        // No promise at all: a write can damage what stands beside it in its sector.
        methods.pointee.xDeviceCharacteristics = { _ in 0 }
        return UnsafePointer(methods)
    }()

    // MARK: - Operations

    private func close() {
        system.disk.locked { file.close(on: $0) }
    }

    private func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> CInt {
        system.perform { number in
            // As the reads that the daemon gives to os_unix.c do.
            clinux_note_read_failure(number)
            // What os_unix.c takes for damage of the file system.
            return number == EIO ? DatabaseCode.corruptFileSystem : DatabaseCode.read
        } _: { disk throws(OSError) in
            let count = try disk.read(file.node, into: buffer, at: offset)
            guard count < buffer.count else { return SQLITE_OK }
            UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).initializeMemory(as: UInt8.self, repeating: 0)
            return DatabaseCode.shortRead
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> CInt {
        system.perform {
            $0 == ENOSPC ? SQLITE_FULL : DatabaseCode.write
        } _: { disk throws(OSError) in
            if file.isReadOnly { throw OSError(EBADF, "write") }
            try disk.write(bytes, to: file.node, at: offset)
            return SQLITE_OK
        }
    }

    private func truncate(to size: Int) -> CInt {
        system.perform { _ in
            DatabaseCode.truncate
        } _: { disk throws(OSError) in
            try disk.resize(file.node, to: size, "ftruncate")
            return SQLITE_OK
        }
    }

    private func sync() -> CInt {
        system.perform { _ in
            DatabaseCode.sync
        } _: { disk throws(OSError) in
            try file.sync(on: disk)
            return SQLITE_OK
        }
    }

    private func size(_ answer: (Int) -> Void) -> CInt {
        system.perform { _ in
            DatabaseCode.status
        } _: { disk throws(OSError) in
            if disk.isDown { throw OSError(ENODEV, "fstat") }
            answer(file.node.size)
            return SQLITE_OK
        }
    }

    private func lock(_ level: CInt) -> CInt {
        system.perform { _ in
            DatabaseCode.lock
        } _: { _ throws(OSError) in
            guard let level = LockLevel(rawValue: level) else { return SQLITE_MISUSE }
            return file.lock(level) ? SQLITE_OK : SQLITE_BUSY
        }
    }

    /// Without effect where the process is gone: its locks are as well.
    private func unlock(to level: CInt) -> CInt {
        _ = system.perform { _ in
            SQLITE_OK
        } _: { _ throws(OSError) in
            if let level = LockLevel(rawValue: level) { file.unlock(to: level) }
            return SQLITE_OK
        }
        return SQLITE_OK
    }

    private func checkReserved(_ answer: (Bool) -> Void) -> CInt {
        system.perform { _ in
            DatabaseCode.lock
        } _: { _ throws(OSError) in
            answer(file.isReserved)
            return SQLITE_OK
        }
    }
}
