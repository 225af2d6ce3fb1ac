import Glibc
import MPushModel
import MPushPlatform

/// A disk with its files, as a kernel sees it: who asks, and what comes of it. For one thread at a time.
final class DiskState {
    /// One operation that is to fail, and how many of its kind come before.
    private struct PlannedFailure {
        let operation: DiskOperation
        var remaining: Int
        let errorNumber: CInt
    }

    let names = NameTree()
    var troubles = DiskTroubles()
    var generator: SplitMix64
    private(set) var counts = DiskCounts()
    /// Counts the power cuts: what was opened before one is of no use after it.
    private(set) var epoch = 0
    /// Whether the power has failed, and `losePower` did not clear up yet.
    private(set) var isDown = false
    private var remainingUntilDown: Int?
    private var plannedFailures: [PlannedFailure] = []
    private var usedPages = 0

    init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    // MARK: - Troubles

    func plan(_ operation: DiskOperation, after count: Int, _ errorNumber: CInt) {
        plannedFailures.append(PlannedFailure(operation: operation, remaining: count, errorNumber: errorNumber))
    }

    func forgetPlannedFailures() {
        plannedFailures = []
    }

    func failPower(after count: Int) {
        remainingUntilDown = count
    }

    /// Passes an operation, or says why it fails.
    func admit(_ operation: DiskOperation, _ name: String) throws(OSError) {
        counts.add(operation)
        if operation != .read, let remaining = remainingUntilDown {
            remainingUntilDown = remaining > 0 ? remaining - 1 : nil
            if remaining == 0 { isDown = true }
        }
        if let number = failure(of: operation) {
            counts.addFailure(number)
            throw OSError(number, name)
        }
    }

    private func failure(of operation: DiskOperation) -> CInt? {
        if isDown { return ENODEV }
        if troubles.isReadOnly, operation != .read { return EROFS }
        let chance = troubles.failures(of: operation)
        if chance > 0, Double.random(in: 0..<1, using: &generator) < chance { return EIO }
        for index in plannedFailures.indices where plannedFailures[index].operation == operation {
            guard plannedFailures[index].remaining == 0 else {
                plannedFailures[index].remaining -= 1
                continue
            }
            return plannedFailures.remove(at: index).errorNumber
        }
        return nil
    }

    /// Bytes that can still be written; nil for no bound.
    var room: Int? { troubles.capacity.map { max(0, $0 - usedPages * FilePages.pageSize) } }

    var usedBytes: Int { usedPages * FilePages.pageSize }

    func fill(leaving pages: Int) { troubles.capacity = (usedPages + pages) * FilePages.pageSize }

    private func outOfRoom(_ name: String) -> OSError {
        counts.addFailure(ENOSPC)
        return OSError(ENOSPC, name)
    }

    // MARK: - Files

    /// Makes a file that was not there.
    func make(_ path: String) throws(OSError) -> FileNode {
        let place = try names.place(of: path, "open")
        guard place.directory.names[place.name] == nil else { throw OSError(EEXIST, "open") }
        try admit(.name, "open")
        if let room, room < FilePages.pageSize { throw outOfRoom("open") }
        let file = names.makeFile()
        names.add(file, to: place.directory, as: place.name)
        usedPages += 1
        return file
    }

    /// A file without a name, which is gone when it is closed.
    func makeTemporary() throws(OSError) -> FileNode {
        try admit(.name, "open")
        usedPages += 1
        counts.addTemporary()
        return names.makeFile()
    }

    func remove(_ path: String) throws(OSError) {
        let place = try names.place(of: path, "unlink")
        guard let node = place.directory.names[place.name] else { throw OSError(ENOENT, "unlink") }
        guard case .file(let file) = node else { throw OSError(EISDIR, "unlink") }
        try admit(.name, "unlink")
        names.remove(file, from: place.directory, as: place.name)
        freeIfUnused(file)
    }

    func rename(_ path: String, to target: String) throws(OSError) {
        let source = try names.place(of: path, "rename")
        let place = try names.place(of: target, "rename")
        guard let node = source.directory.names[source.name] else { throw OSError(ENOENT, "rename") }
        guard case .file(let file) = node else { throw OSError(EISDIR, "rename") }
        var replaced: FileNode?
        switch place.directory.names[place.name] {
        case nil: break
        case .directory?: throw OSError(path.hasPrefix("\(target)/") ? ENOTEMPTY : EISDIR, "rename")
        case .file(let other)?: replaced = other
        }
        if replaced === file { return }
        try admit(.name, "rename")
        names.move(file, from: source, to: place)
        if let replaced { freeIfUnused(replaced) }
    }

    func makeDirectory(_ path: String) throws(OSError) {
        if names.node(at: path) != nil { return }
        let place = try names.place(of: path, "mkdir")
        try admit(.name, "mkdir")
        names.addDirectory(to: place.directory, as: place.name)
        try sync(place.directory)
    }

    /// Gives back the room of a file that nobody can read any more.
    func freeIfUnused(_ file: FileNode) {
        if !file.isUsed { usedPages -= file.content.pageCount + 1 }
    }

    // MARK: - Content

    func read(_ file: FileNode, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(OSError) -> Int {
        try admit(.read, "read")
        return file.content.read(into: buffer, at: offset)
    }

    /// Writes all of it; where the disk is full, as much as fits.
    func write(_ bytes: UnsafeRawBufferPointer, to file: FileNode, at offset: Int) throws(OSError) {
        try admit(.write, "write")
        let pages = file.content.pageCount
        var end = offset + bytes.count
        if let room { end = min(end, max(offset, (pages + room / FilePages.pageSize) * FilePages.pageSize)) }
        if end > offset {
            file.write(UnsafeRawBufferPointer(rebasing: bytes[..<(end - offset)]), at: offset)
            usedPages += file.content.pageCount - pages
        }
        if end < offset + bytes.count { throw outOfRoom("write") }
    }

    /// Changes the length. What is added takes room, and holds zeroes.
    func resize(_ file: FileNode, to size: Int, _ name: String) throws(OSError) {
        try admit(.write, name)
        let added = FilePages.pageCount(of: size) - file.content.pageCount
        if let room, added > 0, added > room / FilePages.pageSize { throw outOfRoom(name) }
        file.resize(to: size)
        usedPages += added
    }

    func sync(_ file: FileNode) throws(OSError) {
        do throws(OSError) {
            try admitSync()
        } catch {
            if error.number == EIO, troubles.failedSyncsLosePages { file.losePages() }
            throw error
        }
        file.sync()
    }

    func sync(_ directory: DirectoryNode) throws(OSError) {
        try admitSync()
        names.sync(directory)
    }

    private func admitSync() throws(OSError) {
        if troubles.isHanging { counts.addHungSync() }
        try admit(.sync, "fsync")
    }

    // MARK: - Power

    /// Loses of what was not synced what chance says; nothing is open or locked any more.
    func losePower(using generator: inout some RandomNumberGenerator) {
        epoch += 1
        isDown = false
        remainingUntilDown = nil
        plannedFailures = []
        names.losePower(isOrdered: !troubles.reordersNames, using: &generator)
        var files: [FileNode] = []
        names.forEach { _, node in
            guard case .file(let file) = node else { return }
            file.links = 0
            files.append(file)
        }
        usedPages = 0
        for file in files {
            // Twice only where it has two names.
            if file.links == 0 {
                file.losePower(using: &generator)
                usedPages += file.content.pageCount + 1
            }
            file.links += 1
        }
    }

    /// The same for the same files with the same content, seen and durable.
    var contentHash: UInt64 {
        var hash = ContentHash()
        names.forEach { path, node in
            hash.combine(path)
            switch node {
            case .file(let file): file.hash(into: &hash)
            case .directory(let directory): hash.combine(directory.number)
            }
        }
        return hash.value
    }
}
