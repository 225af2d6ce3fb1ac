import Glibc
package import MPushModel
import MPushPlatform

/// A disk with a file system, in memory, which knows what was synced: at a power cut everything else may be lost, kept or
/// torn, by chance. Processes use it through `process`: SQLite too, by a file system of ours (sqlite3_vfs).
///
/// - The content and the length of a file are durable when the file was synced; its name when its directory was.
/// - Of each write that was not synced each page of 4096 bytes is kept, lost or torn between sectors of 512 bytes, whatever
///   came of others. Of the names that were not synced the first ones are kept, or any (`DiskTroubles.reordersNames`).
/// - All chance comes from the seed and from the generator that is handed to `powerCut`: two disks that are asked the same
///   in the same order have the same content to the byte. SQLite draws random numbers of its own from one generator of the
///   whole process: each opening of a database through a simulated disk seeds that one too, so worlds of one process run
///   one after the other where they are to be repeated.
package final class SimulatedDisk: @unchecked Sendable {
    private let state: DiskState
    private let lock = ThreadLock()
    /// For SQLite, which is asked for it by few statements.
    let wallTime: @Sendable () -> WallTime

    /// An empty disk with the directory `/`.
    package init(
        seed: UInt64,
        wallTime: @escaping @Sendable () -> WallTime = { WallTime(millisecondsSince1970: 1_700_000_000_000) }
    ) {
        state = DiskState(seed: seed)
        self.wallTime = wallTime
    }

    /// Runs `body` on the state that the lock guards.
    func locked<Outcome, Failure>(_ body: (DiskState) throws(Failure) -> Outcome) throws(Failure) -> Outcome {
        lock.enter()
        defer { lock.leave() }
        return try body(state)
    }

    /// The disk as a process sees it that begins now, and lives until it crashes or the power is cut.
    /// - Parameter id: says who it is where it fails; several may have the same.
    package func process(_ id: String) -> DiskProcess { DiskProcess(id, on: self) }

    // MARK: - Troubles

    /// What is wrong with it now.
    package var troubles: DiskTroubles {
        get { locked { $0.troubles } }
        set { locked { $0.troubles = newValue } }
    }

    /// Lets one operation fail: the first of its kind after `count` others.
    package func fail(_ operation: DiskOperation, after count: Int, with errorNumber: CInt = EIO) {
        locked { $0.plan(operation, after: count, errorNumber) }
    }

    /// Takes back what `fail` has planned and nothing has met yet.
    package func cancelFailures() {
        locked { $0.forgetPlannedFailures() }
    }

    /// Lets the power fail in the middle of what a process does: after `count` more operations other than reads everything
    /// fails (ENODEV), until `powerCut` says what is left.
    package func failPower(after count: Int) {
        locked { $0.failPower(after: count) }
    }

    /// Whether the power has failed so; `powerCut` has to follow.
    package var isDown: Bool { locked { $0.isDown } }

    /// Cuts the power and brings it back: of what was not synced that is left which chance leaves. All processes are gone
    /// with what they have open or locked. Planned failures are forgotten, the troubles stay.
    package func powerCut(using generator: inout some RandomNumberGenerator) {
        locked { $0.losePower(using: &generator) }
    }

    // MARK: - Looking

    /// The name of a directory in the root that nobody finds, as one of a disk that is not mounted; nil for none.
    package var hiddenDirectory: String? {
        get { locked { $0.names.hidden } }
        set { locked { $0.names.hidden = newValue } }
    }

    /// Lets so many pages more fit on it than there are.
    package func fill(leaving pages: Int) { locked { $0.fill(leaving: pages) } }

    /// The first bytes of a file become zeroes, on the disk as well. Whether it is there, and longer than that.
    package func damage(_ path: String, first count: Int) -> Bool {
        locked { state in
            guard let file = state.names.file(at: path), file.size > count else { return false }
            [UInt8](repeating: 0, count: count).withUnsafeBytes { file.write($0, at: 0) }
            file.sync()
            return true
        }
    }

    /// What it takes of the memory of the world: files that are removed, too, while a power cut could bring them back.
    package var heldBytes: Int { locked { $0.names.held.reduce(0) { $0 + $1.heldBytes } } }

    /// How much is on it.
    package var usedBytes: Int { locked { $0.usedBytes } }

    /// What was done so far.
    package var counts: DiskCounts { locked { $0.counts } }

    /// A number for all that is on it, as processes see it and as it is durable.
    package var contentHash: UInt64 { locked { $0.contentHash } }

    /// The paths of all files, in their order.
    package var paths: [String] {
        locked { state in
            var paths: [String] = []
            state.names.forEach { path, node in
                if case .file = node { paths.append(path) }
            }
            return paths
        }
    }

    /// The bytes of a file as processes see them; nil for none. No trouble keeps from it.
    package func content(of path: String) -> [UInt8]? {
        locked { state in
            state.names.file(at: path).map { $0.content.bytes(in: 0..<$0.size) }
        }
    }
}

/// Lets one thread in at a time.
private final class ThreadLock {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() {
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func enter() { pthread_mutex_lock(mutex) }

    func leave() { pthread_mutex_unlock(mutex) }
}
