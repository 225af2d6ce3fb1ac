import Glibc
package import MPushModel
package import NIOCore

/// All that the daemon asks of the operating system beside its event loop, its service manager and its secrets: handed in
/// where the program begins, so that a simulated world can stand in for it. Randomness comes from OpenSSL everywhere, which
/// has an interface of its own for another source (RAND_set_rand_method(3)).
package struct Machine: Sendable {
    package let clock: any ClockSource
    package let threads: any ThreadStarter
    package let network: any Network
    package let routes: any RoutingTable
    package let sleepNews: any SleepNews
    package let files: any FileStore
    /// What starts programs, on the event loop that it belongs to. A program that is stopped may still run for as long as
    /// the patience says, to end by itself.
    package let programs: @Sendable (_ eventLoop: any EventLoop, _ patience: Duration) -> any ProgramStarter
    /// Gives back memory that is not needed any more.
    package let memory: any MemoryKeeper

    package init(
        clock: any ClockSource, threads: any ThreadStarter, network: any Network, routes: any RoutingTable,
        sleepNews: any SleepNews, files: any FileStore, memory: any MemoryKeeper,
        programs: @escaping @Sendable (any EventLoop, Duration) -> any ProgramStarter
    ) {
        self.clock = clock
        self.threads = threads
        self.network = network
        self.routes = routes
        self.sleepNews = sleepNews
        self.files = files
        self.memory = memory
        self.programs = programs
    }
}

/// Gives memory of the process back to the machine, where that is known to be worth it.
package protocol MemoryKeeper: Sendable {
    /// Much was freed just now.
    func trim()
    /// Code that only a start needs is not needed any more.
    func releaseStartCode()
}

/// Starts threads for work that may block.
package protocol ThreadStarter: Sendable {
    /// Runs `work` on a thread of its own, which ends with it. Throws `OSError` where no thread can be had.
    func run(_ work: @escaping @Sendable () -> Void) throws(OSError)
}

// MARK: - Network

/// Names and TCP.
package protocol Network: Sendable {
    typealias Addresses = Result<[SocketAddress], LookupFailure>

    /// Looks up the addresses of one family of a name (getaddrinfo(3)); `done` is called once, on `eventLoop`, with them, the
    /// best first (RFC 6724). Throws `OSError` where the machine cannot ask at all now, and then does not call `done`.
    func resolve(
        _ host: String, port: UInt16, _ family: AddressFamily, on eventLoop: any EventLoop,
        done: @escaping (Addresses) -> Void
    ) throws(OSError)

    /// Connects a channel of `eventLoop`, where this has to be called. It does not read until it is told to.
    /// - Parameters:
    ///   - timeout: after which the attempt fails with `ChannelError.connectTimeout`.
    ///   - userTimeout: how long the peer's TCP may leave what was sent unacknowledged (TCP_USER_TIMEOUT of tcp(7)).
    ///   - onChannel: gets the channel before it connects, to close it where it is not wanted any more.
    func connect(
        to address: SocketAddress, timeout: Duration, userTimeout: Duration, on eventLoop: any EventLoop,
        onChannel: @escaping (any Channel) -> Void
    ) -> EventLoopFuture<any Channel>

    /// The same, with segments of `maximumSegment` bytes at the most in both directions (TCP_MAXSEG of tcp(7)): they pass
    /// where large packets are lost. nil where the network cannot do that.
    func connect(
        to address: SocketAddress, timeout: Duration, maximumSegment: Int, on eventLoop: any EventLoop
    ) -> EventLoopFuture<any Channel>?
}

extension Network {
    package func connect(
        to address: SocketAddress, timeout: Duration, maximumSegment: Int, on eventLoop: any EventLoop
    ) -> EventLoopFuture<any Channel>? { nil }
}

/// A network that connects as another one does, and looks names up in its own way.
package protocol NameReplacingNetwork: Network {
    var network: any Network { get }
}

extension NameReplacingNetwork {
    package func connect(
        to address: SocketAddress, timeout: Duration, userTimeout: Duration, on eventLoop: any EventLoop,
        onChannel: @escaping (any Channel) -> Void
    ) -> EventLoopFuture<any Channel> {
        network.connect(
            to: address, timeout: timeout, userTimeout: userTimeout, on: eventLoop, onChannel: onChannel)
    }
}

// MARK: - Files

/// The files in which the daemon keeps what outlives it. Usable from any thread. A path is absolute.
package protocol FileStore: Sendable {
    /// The name of the file system that SQLite is to use (sqlite3_vfs); nil for its own.
    var databaseFileSystem: String? { get }

    /// What lies at `path`, with links followed; nil for nothing. Throws where nobody can say.
    func look(at path: String) throws(OSError) -> FileStatus?

    /// Whether something has that name: also a link to nothing, and what nobody may look at.
    func isTaken(_ path: String) -> Bool

    /// The names in a directory, in no order; none where it cannot be read.
    func names(in directory: String) -> [String]

    /// The bytes of a file from `offset` on, `count` at most.
    func read(_ path: String, from offset: Int, count: Int) throws(OSError) -> [UInt8]

    /// Makes a directory; one that is there is fine. One that was made is still there after a power cut.
    func makeDirectory(_ path: String, mode: UInt32) throws(OSError)

    /// Makes a file with `content` that was not there (EEXIST), and sees that the content is on the disk; its name is once
    /// the directory is synced. Where that fails the file is gone.
    func write(_ content: [UInt8], to path: String, mode: UInt32) throws(OSError)

    /// Writes what a file holds once more to where it is, and sees that it is on the disk: Linux does not write again what
    /// an fsync(2) that failed should have written, as long as nobody else does.
    func rewrite(_ path: String) throws(OSError)

    /// Makes an empty file for its owner alone that was not there (EEXIST).
    func makeEmptyFile(_ path: String) throws(OSError)

    /// Makes a file that was not there (EEXIST), of `bytes` on the disk that nobody else can have (posix_fallocate(3)). Where
    /// that fails the file is gone.
    func reserve(_ bytes: Int, at path: String) throws(OSError)

    /// Gives a file another name, in place of one that has it.
    func rename(_ path: String, to target: String) throws(OSError)

    /// Removes a file.
    func remove(_ path: String) throws(OSError)

    /// Sees that the names in a directory are on the disk.
    func syncDirectory(_ path: String) throws(OSError)

    /// How many bytes the disk of `directory` still takes; nil where nobody can say.
    func room(in directory: String) -> UInt64?

    /// Locks the file at `path`, made where it is not there, against other processes, and writes `sign` into it. What is
    /// given back holds the lock until it is released.
    /// - Throws: `held` with what the holder wrote there.
    func lock(_ path: String, sign: String) throws(DirectoryLock.Failure) -> any FileLock
}

extension FileStore {
    /// The first bytes of a file, `count` at most.
    package func read(_ path: String, first count: Int) throws(OSError) -> [UInt8] {
        try read(path, from: 0, count: count)
    }

    /// Makes a directory, or sees that one that is there will be there after a power cut: whoever made it may have failed, or
    /// ended, before it saw to that.
    package func keepDirectory(_ path: String, mode: UInt32) throws(OSError) {
        try makeDirectory(path, mode: mode)
        do throws(OSError) {
            try syncDirectory(Self.parent(of: path))
        } catch {
            // As in `makeDirectory`; and on a disk that cannot be written nothing is left to be.
            guard [EACCES, EINVAL, ENOTSUP, EROFS].contains(error.number) else { throw error }
        }
    }

    package func isTaken(_ path: String) -> Bool {
        do throws(OSError) { return try look(at: path) != nil } catch { return true }
    }

    /// The directory that `path` lies in, by its text alone; `.` for a bare name.
    package static func parent(of path: String) -> String {
        var path = path[...]
        while path.count > 1, path.last == "/" { path.removeLast() }
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// What lies at `path`; nil for nothing, and where nobody can say.
    package func status(of path: String) -> FileStatus? { try? look(at: path) }
}

/// What lies at a path.
package struct FileStatus: Equatable, Sendable {
    package var isFile: Bool
    package var size: Int64
    /// Which file it is on its disk: another one of the same name has another.
    package var inode: UInt64

    package init(isFile: Bool, size: Int64, inode: UInt64) {
        self.isFile = isFile
        self.size = size
        self.inode = inode
    }
}

/// A lock that is held.
package protocol FileLock: Sendable {
    /// Gives it back; the file stays.
    func release()
}
