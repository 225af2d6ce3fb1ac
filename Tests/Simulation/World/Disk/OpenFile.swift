import Glibc
import MPushPlatform

/// A process on a disk: what it has open, and whether it still lives. The disk's lock guards it.
final class ProcessState {
    let id: String
    private let epoch: Int
    private var hasCrashed = false
    fileprivate var openFiles: [OpenFile] = []
    /// errno of the last operation of SQLite that failed.
    var lastError: CInt = 0

    init(_ id: String, on disk: DiskState) {
        self.id = id
        epoch = disk.epoch
    }

    func isAlive(on disk: DiskState) -> Bool { !hasCrashed && epoch == disk.epoch }

    /// Throws ENODEV where the process is gone: what is left of it in this program gets no answer any more.
    func check(on disk: DiskState, _ operation: String) throws(OSError) {
        guard isAlive(on: disk) else { throw OSError(ENODEV, operation) }
    }

    func crash(on disk: DiskState) {
        while let file = openFiles.last { file.close(on: disk) }
        // After that: what is closed has to count as closed by one that lives.
        hasCrashed = true
    }
}

/// How far a file is locked, as SQLite has it (sqlite.org/lockingv3.html); `exclusive` is also the lock of a directory.
enum LockLevel: CInt, Comparable {
    case none, shared, reserved, pending, exclusive

    static func < (left: LockLevel, right: LockLevel) -> Bool { left.rawValue < right.rawValue }
}

/// A file that a process has open. The disk's lock guards it.
final class OpenFile {
    let node: FileNode
    let process: ProcessState
    let isReadOnly: Bool
    /// The directory whose names the first sync is to make durable with the file.
    private var directoryToSync: DirectoryNode?
    private(set) var lockLevel = LockLevel.none

    init(
        _ node: FileNode, of process: ProcessState, isReadOnly: Bool = false, directoryToSync: DirectoryNode? = nil
    ) {
        self.node = node
        self.process = process
        self.isReadOnly = isReadOnly
        self.directoryToSync = directoryToSync
        node.handles += 1
        process.openFiles.append(self)
    }

    /// Closes it and lifts its locks. Without effect where the process is gone.
    func close(on disk: DiskState) {
        guard let index = process.openFiles.lastIndex(where: { $0 === self }) else { return }
        process.openFiles.remove(at: index)
        guard process.isAlive(on: disk) else { return }
        unlock(to: .none)
        node.handles -= 1
        disk.freeIfUnused(node)
    }

    func sync(on disk: DiskState) throws(OSError) {
        try disk.sync(node)
        if let directory = directoryToSync {
            directoryToSync = nil
            try disk.sync(directory)
        }
    }

    // MARK: - Locks

    /// Raises the lock, or says that another has one that keeps it out. A lock that waits for readers stays `pending`.
    func lock(_ level: LockLevel) -> Bool {
        guard level > lockLevel else { return true }
        let highest = node.locks.filter { $0 !== self }.map(\.lockLevel).max() ?? .none
        switch level {
        case .none: return true
        case .shared: if highest >= .pending { return false }
        case .reserved: if highest >= .reserved { return false }
        case .pending, .exclusive:
            if highest >= .reserved { return false }
            if highest == .shared {
                setLock(.pending)
                return false
            }
        }
        setLock(level)
        return true
    }

    /// Locks it where nobody has any lock on it.
    func lockAlone() -> Bool {
        guard node.locks.isEmpty else { return false }
        setLock(.exclusive)
        return true
    }

    func unlock(to level: LockLevel) {
        if level < lockLevel { setLock(level) }
    }

    /// Whether anybody is about to write.
    var isReserved: Bool { node.locks.contains { $0.lockLevel >= .reserved } }

    private func setLock(_ level: LockLevel) {
        if lockLevel == .none { node.locks.append(self) }
        lockLevel = level
        if level == .none { node.locks.removeAll { $0 === self } }
    }
}
