import Glibc
package import MPushConfiguration
import MPushModel
package import MPushPlatform

/// Writes the files of a first configuration: whole or not at all, and nothing that was there is lost. Secrets are among them:
/// what root writes is for root and the group of the service, what somebody else writes for nobody else.
package struct SetupWriter {
    static let mode: UInt32 = geteuid() == 0 ? 0o640 : 0o600
    /// The group of the service (mpushd.sysusers), which those who may use its API are in, too.
    private static let serviceGroup = "mpush"
    private static let mostBackups = 1000

    private let files: any FileStore
    /// Only root may give a file to it, and it is there where the package is: everybody else runs mpushd by hand.
    private let group: SystemGroup?

    /// - Parameter group: the name of the group that root gives the files to.
    package init(_ files: any FileStore, group: String? = nil) {
        self.files = files
        if geteuid() == 0, case .found(let group) = SystemGroup.named(group ?? SetupWriter.serviceGroup) {
            self.group = group
        } else {
            self.group = nil
        }
    }

    /// What was done with a file, in words.
    package func write(_ file: SetupFile) throws(OSError) -> String {
        let path = file.path
        guard files.isTaken(path) else {
            try make(file, as: path)
            try files.syncDirectory(type(of: files).parent(of: path))
            return "\(path): written"
        }
        if let old = try? FileSystem.readSecret(path, maximum: max(1, file.content.count)), old == file.content {
            return try share(path) ?? "\(path): as it was"
        }
        let backup = try unusedName(for: path)
        let draft = path + ".new"
        if files.isTaken(draft) { try files.remove(draft) }
        try make(file, as: draft)
        try replace(path, by: draft, keeping: backup)
        try files.syncDirectory(type(of: files).parent(of: path))
        return "\(path): written; what was there is \(backup)"
    }

    /// Lets the group of the service read a file that was there before, as one that is written. What a link leads to is not
    /// ours, and neither is what another group reads.
    /// - Returns: what was done, in words; nil for nothing.
    package func share(_ path: String) throws(OSError) -> String? {
        guard let group else { return nil }
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        let isRead = status.st_mode & S_IROTH != 0 || (status.st_mode & S_IRGRP != 0 && status.st_gid != 0)
        if isRead { return nil }
        guard fchown(descriptor, uid_t.max, group.number) == 0 else { throw OSError(errno, "chown") }
        guard fchmod(descriptor, SetupWriter.mode) == 0 else { throw OSError(errno, "chmod") }
        return "\(path): the group \(group.name) may read it now"
    }

    /// There is a file at `path` at any time, where the file system has second names (link(2)).
    private func replace(_ path: String, by draft: String, keeping backup: String) throws(OSError) {
        let isLinked = link(path, backup) == 0
        if !isLinked { try files.rename(path, to: backup) }
        do throws(OSError) {
            try files.rename(draft, to: path)
        } catch {
            try isLinked ? files.remove(backup) : files.rename(backup, to: path)
            throw error
        }
    }

    /// Makes the directory that the files go to, where it is not there.
    package func makeDirectory(for path: String) throws(OSError) {
        let directory = type(of: files).parent(of: path)
        if !files.isTaken(directory) { try files.makeDirectory(directory, mode: 0o755) }
    }

    private func make(_ file: SetupFile, as path: String) throws(OSError) {
        try files.write(file.content.exposed, to: path, mode: SetupWriter.mode)
        guard let group else { return }
        guard chown(path, uid_t.max, group.number) == 0 else { throw OSError(errno, "chown") }
    }

    private func unusedName(for path: String) throws(OSError) -> String {
        for number in 1...SetupWriter.mostBackups {
            let name = number == 1 ? "\(path).old" : "\(path).old-\(number)"
            if !files.isTaken(name) { return name }
        }
        throw OSError(EEXIST, "rename")
    }
}
