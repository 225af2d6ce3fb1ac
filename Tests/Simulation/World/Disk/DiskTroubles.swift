import Glibc

/// What a disk is asked to do, as far as it can fail.
package enum DiskOperation: Sendable {
    /// To read from a file.
    case read
    /// To write to a file, to change its length, to reserve room for it.
    case write
    /// To make a file or a directory durable.
    case sync
    /// To make, rename or remove a file or a directory.
    case name
}

/// What is wrong with a disk, until it is set otherwise.
package struct DiskTroubles: Equatable, Sendable {
    /// How many bytes fit on it: each file takes whole pages of 4096 bytes, and one more for itself. Nil for more than
    /// anybody needs. Less than there already is lets nothing more in.
    package var capacity: Int?
    /// Nothing can be written or synced (EROFS).
    package var isReadOnly = false
    /// Syncs do not return. Nothing can block in a world of one thread: the disk counts the syncs that come meanwhile
    /// (`DiskCounts.hungSyncs`) and does them; who runs the thread that syncs holds back its next work.
    package var isHanging = false
    /// How likely one operation fails with EIO, from 0 to 1.
    package var readFailures = 0.0
    package var writeFailures = 0.0
    package var syncFailures = 0.0
    package var nameFailures = 0.0
    /// Whether a sync of a file that fails has lost what it should have written, as Linux does: it reads as before, no later
    /// sync writes it, and a power cut shows it. Else the next sync writes it.
    package var failedSyncsLosePages = true
    /// Whether names that were not synced survive a power cut in any selection, in place of the first ones in their order.
    package var reordersNames = false

    package init() {}

    func failures(of operation: DiskOperation) -> Double {
        switch operation {
        case .read: readFailures
        case .write: writeFailures
        case .sync: syncFailures
        case .name: nameFailures
        }
    }
}

/// What a disk was asked to do so far.
package struct DiskCounts: Equatable, Sendable {
    package private(set) var reads = 0
    package private(set) var writes = 0
    package private(set) var syncs = 0
    package private(set) var names = 0
    /// Operations that failed, of whatever trouble.
    package private(set) var failures = 0
    /// Of them, those for want of room.
    package private(set) var shortages = 0
    /// Syncs that came while `DiskTroubles.isHanging` was set.
    package private(set) var hungSyncs = 0
    /// Files without a name, which SQLite makes for itself.
    package private(set) var temporaries = 0

    mutating func add(_ operation: DiskOperation) {
        switch operation {
        case .read: reads += 1
        case .write: writes += 1
        case .sync: syncs += 1
        case .name: names += 1
        }
    }

    mutating func addTemporary() { temporaries += 1 }

    mutating func addFailure(_ number: CInt) {
        failures += 1
        if number == ENOSPC { shortages += 1 }
    }

    mutating func addHungSync() { hungSyncs += 1 }
}
