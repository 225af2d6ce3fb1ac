import CLinux
import Glibc
import MPushPlatform

/// A socket of AF_UNIX that listens: the daemon's own, or one that systemd made. Owns its descriptor until it is handed to
/// NIO.
package struct ListeningSocket {
    /// What becomes of the file when the daemon stops.
    enum Origin: Equatable {
        /// systemd made it, and keeps it.
        case systemd
        /// We made it, as this file, and remove it if it still is that.
        case own(FileMark)
    }

    package let descriptor: CInt
    /// Where clients find it; empty where a socket that was handed over has no file.
    package let path: String
    let origin: Origin

    /// What systemd passed to this process.
    package struct Activation {
        package let socket: ListeningSocket
        /// That there were others, and what to do; nil where there was one.
        package let warning: String?
    }

    /// Takes over the first socket that is right of those that systemd passed to this process (sd_listen_fds(3)); nil where
    /// none was passed. The others that listen are closed here, so that this process does not seem to serve them; systemd
    /// keeps its copies for as long as the socket unit is active, and who connects to them waits. Only the socket unit can end
    /// that, which is why there is a warning. What does not listen stays open. `firstDescriptor` is 3, but in tests.
    ///
    /// The variables stay in the environment, which must not change while there are threads (setenv(3)). They name this
    /// process, and the programs that are started get an environment of their own.
    package static func fromSystemd(firstDescriptor: CInt = 3) throws(ListeningError) -> Activation? {
        guard let process = variable("LISTEN_PID"), CInt(process) == getpid() else { return nil }
        let text = variable("LISTEN_FDS") ?? ""
        guard let count = CInt(text), count > 0, count < 1024 else { return nil }
        var taken: ListeningSocket?
        var error: ListeningError?
        for descriptor in firstDescriptor..<(firstDescriptor + count) {
            do throws(ListeningError) {
                let socket = try ListeningSocket(takingOver: descriptor)
                if taken == nil { taken = socket } else { closeListener(descriptor) }
            } catch let failure {
                error = error ?? failure
                closeListener(descriptor)
            }
        }
        guard let taken else { throw error ?? ListeningError("systemd passed no socket") }
        guard count > 1 else { return Activation(socket: taken, warning: nil) }
        let names = variable("LISTEN_FDNAMES").map { " (\($0))" } ?? ""
        return Activation(
            socket: taken,
            warning:
                "systemd passed \(count) sockets\(names); the local API listens on one, \(taken.path). Nobody answers on the "
                + "others, which systemd keeps open: let mpushd.socket have one ListenStream=")
    }

    /// Only what listens makes clients wait. Where the variable says more than was passed, the number may be of a file of
    /// our own.
    private static func closeListener(_ descriptor: CInt) {
        if option(SO_ACCEPTCONN, of: descriptor) == 1 { close(descriptor) }
    }

    /// Takes over a descriptor that must be a stream socket of AF_UNIX that listens.
    init(takingOver descriptor: CInt) throws(ListeningError) {
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
            throw ListeningError("the descriptor \(descriptor) that systemd passed is not open")
        }
        let isRight =
            ListeningSocket.option(SO_DOMAIN, of: descriptor) == AF_UNIX
            && ListeningSocket.option(SO_TYPE, of: descriptor) == CInt(SOCK_STREAM.rawValue)
            && ListeningSocket.option(SO_ACCEPTCONN, of: descriptor) == 1
        guard isRight else {
            throw ListeningError(
                "the descriptor \(descriptor) that systemd passed is not a listening stream socket of AF_UNIX. "
                    + "Let mpushd.socket have ListenStream= with an absolute path")
        }
        self.descriptor = descriptor
        path = UnixAddress.path(of: descriptor)
        origin = .systemd
    }

    /// Makes the socket at `path`, with mode 0660, for the group of this number where one is given. The file of a process
    /// that is gone is removed; where somebody answers at the path, that is an error.
    package static func make(at path: String, group: UInt32?) throws(ListeningError) -> ListeningSocket {
        guard path.hasPrefix("/"), let address = UnixAddress(path: path) else {
            throw ListeningError(
                "\(path): the path of the socket must be absolute, and have \(UnixAddress.longestPath) bytes at most")
        }
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ListeningError("\(path): \(OSError(errno, "socket"))") }
        do throws(ListeningError) {
            return try ListeningSocket(making: descriptor, at: path, address, group: group)
        } catch {
            close(descriptor)
            throw error
        }
    }

    private init(
        making descriptor: CInt, at path: String, _ address: UnixAddress, group: UInt32?
    ) throws(ListeningError) {
        // The file gets the mode of the descriptor (less the umask): nobody else can connect before it is as it should.
        guard fchmod(descriptor, 0o600) == 0 else { throw ListeningError("\(path): \(OSError(errno, "fchmod"))") }
        if !address.bind(descriptor) {
            guard errno == EADDRINUSE else { throw ListeningError("\(path): \(OSError(errno, "bind"))") }
            try ListeningSocket.removeStale(path, address)
            guard address.bind(descriptor) else { throw ListeningError("\(path): \(OSError(errno, "bind"))") }
        }
        // No link is followed: whoever can write to the directory must not have another file changed.
        if let group, lchown(path, uid_t.max, group) != 0 {
            let error = OSError(errno, "chown")
            unlink(path)
            throw ListeningError("\(path): cannot be given to the group \(group): \(error)")
        }
        guard fchmodat(AT_FDCWD, path, 0o660, AT_SYMLINK_NOFOLLOW) == 0, listen(descriptor, 128) == 0 else {
            let error = OSError(errno, "chmod or listen")
            unlink(path)
            throw ListeningError("\(path): \(error)")
        }
        var status = stat()
        // Not every file system keeps what it is told.
        guard lstat(path, &status) == 0, status.st_mode == S_IFSOCK | 0o660, group == nil || status.st_gid == group
        else {
            unlink(path)
            throw ListeningError("\(path): this file system does not keep the socket's mode and group")
        }
        self.descriptor = descriptor
        self.path = path
        origin = .own(FileMark(status))
    }

    /// Removes the file if we made it, and it still is that one.
    package func removeFile() {
        guard case .own(let mark) = origin else { return }
        var status = stat()
        guard lstat(path, &status) == 0, FileMark(status) == mark else { return }
        unlink(path)
    }

    private static func removeStale(_ path: String, _ address: UnixAddress) throws(ListeningError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw ListeningError("\(path): there is a file that is not a socket. Remove it, or set api.socket")
        }
        let probe = socket(
            AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard probe >= 0 else { throw ListeningError("\(path): \(OSError(errno, "socket"))") }
        defer { close(probe) }
        // Only a refusal proves that nobody listens: a full queue (EAGAIN) or a missing permission does not.
        guard !address.connect(probe), errno == ECONNREFUSED else {
            throw ListeningError("\(path): another process answers there. Is mpushd running already?")
        }
        guard unlink(path) == 0 || errno == ENOENT else { throw ListeningError("\(path): \(OSError(errno, "unlink"))") }
    }

    private static func option(_ name: CInt, of descriptor: CInt) -> CInt? {
        var value: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

/// Why the local API cannot listen, in words, with the path and what to do.
package struct ListeningError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
