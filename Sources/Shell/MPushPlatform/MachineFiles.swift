import CLinux
import Glibc
import Synchronization

/// The files of this machine.
package struct MachineFiles: FileStore {
    package init() {}

    package var databaseFileSystem: String? { nil }

    package func look(at path: String) throws(OSError) -> FileStatus? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw OSError(errno, "stat")
        }
        return FileStatus(
            isFile: status.st_mode & S_IFMT == S_IFREG, size: Int64(status.st_size), inode: UInt64(status.st_ino))
    }

    package func isTaken(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 || errno != ENOENT
    }

    package func names(in directory: String) -> [String] { FileSystem.names(in: directory) }

    package func read(_ path: String, from offset: Int, count: Int) throws(OSError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw OSError(errno, "open") }
        defer { close(descriptor) }
        // What cannot be sought in is read from its beginning.
        guard offset == 0 || lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw OSError(errno, "lseek") }
        var content: [UInt8] = []
        while content.count < count {
            var chunk = [UInt8](repeating: 0, count: min(count - content.count, 64 * 1024))
            let length = Glibc.read(descriptor, &chunk, chunk.count)
            if length < 0, errno == EINTR { continue }
            guard length >= 0 else { throw OSError(errno, "read") }
            if length == 0 { break }
            content += chunk.prefix(length)
        }
        return content
    }

    package func makeDirectory(_ path: String, mode: UInt32) throws(OSError) {
        guard mkdir(path, mode_t(mode)) == 0 else {
            if errno == EEXIST { return }
            throw OSError(errno, "mkdir")
        }
        MachineFiles.setMode(mode_t(mode), of: path)
        do throws(OSError) {
            try syncDirectory(Self.parent(of: path))
        } catch {
            // Whoever may make a directory in another need not be allowed to read that, and not every file system can do it.
            guard [EACCES, EINVAL, ENOTSUP].contains(error.number) else { throw error }
        }
    }

    package func write(_ content: [UInt8], to path: String, mode: UInt32) throws(OSError) {
        let descriptor = try MachineFiles.make(path)
        do throws(OSError) {
            defer { close(descriptor) }
            if let error = FileSystem.writeAll(content, to: descriptor) { throw error }
            guard fchmod(descriptor, mode_t(mode)) == 0 else { throw OSError(errno, "fchmod") }
            guard fsync(descriptor) == 0 else { throw OSError(errno, "fsync") }
        } catch {
            unlink(path)
            throw error
        }
    }

    package func rewrite(_ path: String) throws(OSError) {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw OSError(errno, "open") }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        var offset: off_t = 0
        while true {
            let length = pread(descriptor, &buffer, buffer.count, offset)
            if length < 0, errno == EINTR { continue }
            guard length >= 0 else { throw OSError(errno, "read") }
            if length == 0 { break }
            guard lseek(descriptor, offset, SEEK_SET) >= 0 else { throw OSError(errno, "lseek") }
            if let error = FileSystem.writeAll(Array(buffer.prefix(length)), to: descriptor) { throw error }
            offset += off_t(length)
        }
        guard fsync(descriptor) == 0 else { throw OSError(errno, "fsync") }
    }

    package func makeEmptyFile(_ path: String) throws(OSError) { close(try MachineFiles.make(path)) }

    package func reserve(_ bytes: Int, at path: String) throws(OSError) {
        let descriptor = try MachineFiles.make(path)
        defer { close(descriptor) }
        let number = posix_fallocate(descriptor, 0, off_t(bytes))
        guard number == 0 else {
            unlink(path)
            throw OSError(number, "posix_fallocate")
        }
    }

    package func rename(_ path: String, to target: String) throws(OSError) {
        guard Glibc.rename(path, target) == 0 else { throw OSError(errno, "rename") }
    }

    package func remove(_ path: String) throws(OSError) {
        guard unlink(path) == 0 else { throw OSError(errno, "unlink") }
    }

    package func syncDirectory(_ path: String) throws(OSError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw OSError(errno, "open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw OSError(errno, "fsync") }
    }

    package func room(in directory: String) -> UInt64? {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { return nil }
        let (bytes, isOverflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return isOverflow ? .max : bytes
    }

    package func lock(_ path: String, sign: String) throws(DirectoryLock.Failure) -> any FileLock {
        try LockedFile(path, sign: sign)
    }

    /// What the umask has taken is given back to a directory that was made just now; a set-group-ID bit that it has from the
    /// one around it stays. There are file systems without modes.
    private static func setMode(_ mode: mode_t, of directory: String) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & 0o777 != mode else { return }
        guard fchmod(descriptor, mode | status.st_mode & 0o7000) != 0, errno == EPERM else { return }
        // systemd's RestrictSUIDSGID= lets nobody write that bit, not even where it is. Without it what is made in there has
        // the group of this process, so that it must be the same.
        if status.st_gid == getegid() { _ = fchmod(descriptor, mode) }
    }

    private static func make(_ path: String) throws(OSError) -> CInt {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw OSError(errno, "open") }
        return descriptor
    }
}

/// A file that this process has locked, until it is released or the process ends however it ends. No program that is started
/// inherits it.
private final class LockedFile: FileLock {
    /// What another may have written there is not trusted to be short.
    private static let longestHolder = 64

    /// -1 once it is released.
    private let descriptor: Mutex<CInt>

    init(_ path: String, sign: String) throws(DirectoryLock.Failure) {
        let descriptor = try LockedFile.open(path)
        switch clinux_lock_whole(descriptor) {
        case 0: break
        case let number:
            let holder = LockedFile.holder(in: descriptor)
            close(descriptor)
            throw number == EAGAIN || number == EACCES
                ? .held(by: holder) : .impossible(OSError(number, "\(path): lock"))
        }
        self.descriptor = Mutex(descriptor)
        // For people only: where the disk does not take it, the lock holds as well.
        if ftruncate(descriptor, 0) == 0 { _ = FileSystem.writeAll(Array("\(sign)\n".utf8), to: descriptor) }
    }

    deinit {
        release()
    }

    func release() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }

    /// Opens the file, or makes it. A file that root makes by hand belongs to whom the directory belongs to, so that the
    /// service, which is another user, can open it. Only one that is made here is given away: another may be a link.
    private static func open(_ path: String) throws(DirectoryLock.Failure) -> CInt {
        let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let made = Glibc.open(path, flags | O_CREAT | O_EXCL, 0o600)
        guard made < 0 else {
            var owner = stat()
            if geteuid() == 0, stat(MachineFiles.parent(of: path), &owner) == 0 {
                _ = fchown(made, owner.st_uid, owner.st_gid)
            }
            return made
        }
        // Where it is there, and where it went meanwhile.
        let opened = errno == EEXIST ? Glibc.open(path, flags | O_CREAT, 0o600) : made
        guard opened >= 0 else { throw .impossible(OSError(errno, "\(path): open")) }
        return opened
    }

    private static func holder(in descriptor: CInt) -> String? {
        var bytes = [UInt8](repeating: 0, count: longestHolder)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        let line = bytes.prefix(count).prefix { (0x20..<0x7F).contains($0) }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }
}
