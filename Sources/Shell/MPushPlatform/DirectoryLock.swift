import CLinux
import Glibc
import Synchronization

/// A directory that one process uses at a time: a lock on a file in it, held until `release`, or until the process ends
/// however it ends. No program that is started inherits it.
package final class DirectoryLock: Sendable {
    /// Why it could not be had.
    package enum Failure: Error, Equatable {
        /// Another has it; in its own words, such as `process 812 (mpushd 0.1.1)`, or nil where it left none.
        case held(by: String?)
        /// The file cannot be made or locked.
        case impossible(OSError)
    }

    /// What another may have written there is not trusted to be short.
    private static let longestHolder = 64

    private let directory: String
    private let path: String
    private let program: String
    /// -1 while it is not held.
    private let descriptor = Mutex<CInt>(-1)

    /// For `directory`; `program` says who holds it, to the others.
    package init(directory: String, program: String) {
        self.directory = directory
        path = directory + "/lock"
        self.program = program
    }

    deinit {
        release()
    }

    /// Takes it; again is fine.
    package func acquire() throws(Failure) {
        let outcome: Result<Void, Failure> = descriptor.withLock { held in
            guard held < 0 else { return .success(()) }
            do throws(Failure) {
                held = try take()
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }

    /// Gives it back; the file stays.
    package func release() {
        descriptor.withLock { held in
            if held >= 0 { close(held) }
            held = -1
        }
    }

    private func take() throws(Failure) -> CInt {
        let descriptor = try openFile()
        switch clinux_lock_whole(descriptor) {
        case 0:
            sign(descriptor)
            return descriptor
        case let number:
            let holder = holder(in: descriptor)
            close(descriptor)
            throw number == EAGAIN || number == EACCES
                ? .held(by: holder) : .impossible(OSError(number, "\(path): lock"))
        }
    }

    /// Opens the file, or makes it. A file that root makes by hand belongs to whom the directory belongs to, so that the
    /// service, which is another user, can open it. Only one that is made here is given away: another may be a link.
    private func openFile() throws(Failure) -> CInt {
        let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let made = open(path, flags | O_CREAT | O_EXCL, 0o600)
        guard made < 0 else {
            var owner = stat()
            if geteuid() == 0, stat(directory, &owner) == 0 { _ = fchown(made, owner.st_uid, owner.st_gid) }
            return made
        }
        // Where it is there, and where it went meanwhile.
        let opened = errno == EEXIST ? open(path, flags | O_CREAT, 0o600) : made
        guard opened >= 0 else { throw .impossible(OSError(errno, "\(path): open")) }
        return opened
    }

    /// For people only: where the disk does not take it, the lock holds as well.
    private func sign(_ descriptor: CInt) {
        guard ftruncate(descriptor, 0) == 0 else { return }
        _ = FileSystem.writeAll(Array("process \(getpid()) (\(program))\n".utf8), to: descriptor)
    }

    private func holder(in descriptor: CInt) -> String? {
        var bytes = [UInt8](repeating: 0, count: DirectoryLock.longestHolder)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        let line = bytes.prefix(count).prefix { (0x20..<0x7F).contains($0) }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }
}
