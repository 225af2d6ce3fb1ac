import CLinux
import Glibc

/// Whom the file of a socket lets in (unix(7)): whoever may write to it can connect.
struct SocketFile: Equatable, Sendable {
    let owner: UInt32
    let group: UInt32
    /// The permission bits.
    let mode: UInt32
    /// Whether there is a list of further users and groups (acl(5)), or it cannot be told.
    let hasList: Bool

    init(owner: UInt32, group: UInt32, mode: UInt32, hasList: Bool = false) {
        self.owner = owner
        self.group = group
        self.mode = mode
        self.hasList = hasList
    }

    /// The socket at `path`; nil where there is none.
    init?(at path: String) {
        var status = stat()
        guard !path.isEmpty, lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        owner = status.st_uid
        group = status.st_gid
        mode = status.st_mode & 0o7777
        hasList = clinux_may_have_acl(path) != 0
    }

    /// Whether its mode lets everybody in.
    var isOpenToOthers: Bool { mode & 0o002 != 0 }
}

/// Tells a file from another that took its name. The time of its last change belongs to it because a file system may give
/// the number of a file that is gone to the next one.
struct FileMark: Equatable {
    private let device: UInt64
    private let inode: UInt64
    private let seconds: Int
    private let nanoseconds: Int

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        seconds = status.st_ctim.tv_sec
        nanoseconds = status.st_ctim.tv_nsec
    }
}
