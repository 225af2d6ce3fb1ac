import Foundation
import Glibc

/// A file system of its own, so small that it can be filled: a tmpfs, which wants root's rights.
package final class SmallDisk {
    /// Where it is mounted.
    package let path: String

    /// Whether this process may mount one.
    package static let isPossible: Bool = {
        guard geteuid() == 0, let disk = SmallDisk(at: NSTemporaryDirectory() + "mpushd-disk-\(UUID())", bytes: 65536)
        else {
            print("SKIPPED: the tests of full and read-only disks: mount(8) is not allowed here")
            return false
        }
        disk.remove()
        return true
    }()

    /// Mounts one of `bytes`; nil where that is not allowed.
    package init?(at path: String, bytes: Int) {
        self.path = path
        guard (try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)) != nil else {
            return nil
        }
        guard mount("mpushd-test", path, "tmpfs", 0, "size=\(bytes),mode=0700") == 0 else {
            rmdir(path)
            return nil
        }
    }

    /// Fills it with one file, to the last byte.
    package func fill() throws {
        try "".write(toFile: path + "/filler", atomically: false, encoding: .utf8)
        try fillUp()
    }

    /// Fills what was given back, or became free, with the same file.
    package func fillUp() throws {
        let descriptor = open(path + "/filler", O_WRONLY | O_APPEND)
        let block = [UInt8](repeating: 0x58, count: 1024)
        while write(descriptor, block, block.count) > 0 {}
        close(descriptor)
    }

    /// Cuts so many bytes off that file.
    package func giveBack(_ bytes: Int) {
        var status = stat()
        guard stat(path + "/filler", &status) == 0 else { return }
        truncate(path + "/filler", status.st_size - bytes)
    }

    /// Takes that file away again.
    package func makeRoom() { unlink(path + "/filler") }

    /// Lets it be written to, or not; false where the kernel refuses, as it does while a file is open for writing.
    package func setReadOnly(_ isReadOnly: Bool) -> Bool {
        mount("mpushd-test", path, "tmpfs", UInt(MS_REMOUNT) | (isReadOnly ? UInt(MS_RDONLY) : 0), nil) == 0
    }

    /// Unmounts it: what is open on it goes on until it is closed.
    package func remove() {
        umount2(path, CInt(MNT_DETACH))
        rmdir(path)
    }
}
