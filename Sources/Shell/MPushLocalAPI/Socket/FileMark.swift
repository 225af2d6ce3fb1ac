import CLinux
import Glibc

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
