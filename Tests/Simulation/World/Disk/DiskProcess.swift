import Glibc
import MPushModel
package import MPushPlatform

/// A simulated disk as one process uses it. Two of them exclude each other by their locks, as two daemons on one directory
/// do. After its crash, and after a power cut, nothing of it works any more (ENODEV).
package final class DiskProcess: FileStore, @unchecked Sendable {
    private let disk: SimulatedDisk
    private let state: ProcessState
    private let databases: DatabaseFileSystem

    init(_ id: String, on disk: SimulatedDisk) {
        self.disk = disk
        let state = disk.locked { ProcessState(id, on: $0) }
        self.state = state
        databases = DatabaseFileSystem(of: state, on: disk)
    }

    /// For `sqlite3_open_v2`, as long as this object or a database that was opened with it lives.
    package var databaseFileSystem: String? { databases.name }

    /// Ends it as kill(2) does: what it wrote is there, its locks are lifted, what it has open is dead.
    package func crash() {
        disk.locked { state.crash(on: $0) }
    }

    /// Whether it neither crashed nor saw a power cut.
    package var isAlive: Bool { disk.locked { state.isAlive(on: $0) } }

    private func perform<Outcome>(
        _ operation: String, _ body: (DiskState) throws(OSError) -> Outcome
    ) throws(OSError) -> Outcome {
        try disk.locked { disk throws(OSError) in
            try state.check(on: disk, operation)
            return try body(disk)
        }
    }

    // MARK: - FileStore

    package func look(at path: String) throws(OSError) -> FileStatus? {
        try perform("stat") { disk throws(OSError) in
            try disk.admit(.read, "stat")
            switch disk.names.node(at: path) {
            case nil: return nil
            case .file(let file)?: return FileStatus(isFile: true, size: Int64(file.size), inode: file.number)
            case .directory(let directory)?:
                return FileStatus(isFile: false, size: Int64(FilePages.pageSize), inode: directory.number)
            }
        }
    }

    package func names(in directory: String) -> [String] {
        disk.locked { disk in
            guard state.isAlive(on: disk), !disk.isDown else { return [] }
            return (try? disk.names.directory(at: directory, "")).map(NameTree.names) ?? []
        }
    }

    package func read(_ path: String, from offset: Int, count: Int) throws(OSError) -> [UInt8] {
        try perform("open") { disk throws(OSError) in
            let node = try disk.names.look(at: path, "open")
            if count == 0 { return [] }
            guard case .file(let file) = node else { throw OSError(EISDIR, "read") }
            var bytes = [UInt8](repeating: 0, count: max(0, min(count, file.size - offset)))
            var outcome = Result<Int, OSError>.success(0)
            bytes.withUnsafeMutableBytes { buffer in
                outcome = Result { () throws(OSError) in try disk.read(file, into: buffer, at: offset) }
            }
            _ = try outcome.get()
            return bytes
        }
    }

    package func makeDirectory(_ path: String, mode: UInt32) throws(OSError) {
        try perform("mkdir") { disk throws(OSError) in try disk.makeDirectory(path) }
    }

    package func write(_ content: [UInt8], to path: String, mode: UInt32) throws(OSError) {
        try make(path) { disk, file throws(OSError) in
            try DiskProcess.write(content, to: file, on: disk)
            try disk.sync(file)
        }
    }

    package func rewrite(_ path: String) throws(OSError) {
        try perform("open") { disk throws(OSError) in
            guard case .file(let file) = try disk.names.look(at: path, "open") else { throw OSError(EISDIR, "open") }
            for start in stride(from: 0, to: file.size, by: 64 * 1024) {
                let bytes = file.content.bytes(in: start..<min(file.size, start + 64 * 1024))
                try DiskProcess.write(bytes, to: file, at: start, on: disk)
            }
            try disk.sync(file)
        }
    }

    package func makeEmptyFile(_ path: String) throws(OSError) {
        try make(path) { _, _ in }
    }

    package func reserve(_ bytes: Int, at path: String) throws(OSError) {
        try make(path) { disk, file throws(OSError) in
            guard bytes > 0 else { throw OSError(EINVAL, "posix_fallocate") }
            try disk.resize(file, to: bytes, "posix_fallocate")
        }
    }

    package func rename(_ path: String, to target: String) throws(OSError) {
        try perform("rename") { disk throws(OSError) in try disk.rename(path, to: target) }
    }

    package func remove(_ path: String) throws(OSError) {
        try perform("unlink") { disk throws(OSError) in try disk.remove(path) }
    }

    package func syncDirectory(_ path: String) throws(OSError) {
        try perform("open") { disk throws(OSError) in
            try disk.sync(try disk.names.directory(at: path, "open"))
        }
    }

    package func room(in directory: String) -> UInt64? {
        disk.locked { disk in
            guard state.isAlive(on: disk), !disk.isDown, disk.names.node(at: directory) != nil else { return nil }
            return UInt64(disk.room ?? 1 << 40)
        }
    }

    /// Makes a file that was not there, and gives it to `body`; where that fails the file is removed.
    private func make(_ path: String, _ body: (DiskState, FileNode) throws(OSError) -> Void) throws(OSError) {
        try perform("open") { disk throws(OSError) in
            let file = try disk.make(path)
            do throws(OSError) {
                try body(disk, file)
            } catch {
                // Where the disk does not even do that, the file stays, as it does on any disk.
                try? disk.remove(path)
                throw error
            }
        }
    }

    private static func write(
        _ content: [UInt8], to file: FileNode, at offset: Int = 0, on disk: DiskState
    ) throws(OSError) {
        guard !content.isEmpty else { return }
        var outcome = Result<Void, OSError>.success(())
        content.withUnsafeBytes { bytes in
            outcome = Result { () throws(OSError) in try disk.write(bytes, to: file, at: offset) }
        }
        try outcome.get()
    }

    // MARK: - Locks

    package func lock(_ path: String, sign: String) throws(DirectoryLock.Failure) -> any FileLock {
        let outcome = disk.locked { disk -> Result<HeldLock, DirectoryLock.Failure> in
            do throws(OSError) {
                let file = try openLockFile(path, on: disk)
                guard file.lockAlone() else {
                    file.close(on: disk)
                    return .failure(.held(by: DiskProcess.holder(in: file.node)))
                }
                // For people only: where the disk does not take it, the lock holds as well.
                if (try? disk.resize(file.node, to: 0, "ftruncate")) != nil {
                    try? DiskProcess.write(Array("\(sign)\n".utf8), to: file.node, on: disk)
                }
                return .success(HeldLock(on: file, of: self.disk))
            } catch {
                return .failure(.impossible(OSError(error.number, "\(path): open")))
            }
        }
        return try outcome.get()
    }

    /// Opens the file for writing, or makes it.
    private func openLockFile(_ path: String, on disk: DiskState) throws(OSError) -> OpenFile {
        try state.check(on: disk, "open")
        switch disk.names.node(at: path) {
        case nil: return OpenFile(try disk.make(path), of: state)
        case .directory?: throw OSError(EISDIR, "open")
        case .file(let node)?:
            if disk.isDown { throw OSError(ENODEV, "open") }
            if disk.troubles.isReadOnly { throw OSError(EROFS, "open") }
            return OpenFile(node, of: state)
        }
    }

    private static func holder(in file: FileNode) -> String? {
        let line = file.content.bytes(in: 0..<64).prefix { (0x20..<0x7F).contains($0) }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }
}

/// A lock that a process holds until it releases it, or is gone.
private final class HeldLock: FileLock, @unchecked Sendable {
    private let file: OpenFile
    private let disk: SimulatedDisk

    init(on file: OpenFile, of disk: SimulatedDisk) {
        self.file = file
        self.disk = disk
    }

    deinit {
        release()
    }

    func release() {
        disk.locked { file.close(on: $0) }
    }
}
