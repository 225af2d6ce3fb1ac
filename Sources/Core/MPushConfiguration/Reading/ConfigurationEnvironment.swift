package import MPushModel

/// What a configuration may ask of the machine while it is read. The daemon answers from the machine, tests from a
/// table.
package protocol ConfigurationEnvironment {
    /// The value of an environment variable; nil where it is not set.
    func variable(named name: String) -> String?

    /// What lies at `path`, with symbolic links followed. Nothing is read from it.
    func inspect(_ path: String) -> FileCondition

    /// What is known of the group of this name, or of this number in decimal digits.
    func group(named name: String) -> GroupCondition
}

/// Where a configuration and the files that it names are read from, too.
package protocol ConfigurationSource: ConfigurationEnvironment {
    /// The content of the file at `path`, which may have `maximum` bytes.
    func content(of path: String, maximum: Int) throws(UnreadableFile) -> [UInt8]

    /// The names in a directory, in any order; none where there is no directory.
    func names(in directory: String) throws(UnreadableFile) -> [String]

    /// The same of a file that holds a secret, or may do so by mistake: no copy of it is left behind.
    func secretContent(of path: String, maximum: Int) throws(UnreadableFile) -> SecretBytes
}

extension ConfigurationSource {
    package func names(in directory: String) throws(UnreadableFile) -> [String] { [] }
}

/// Why a file has no content.
package enum UnreadableFile: Error, Equatable {
    /// It has more bytes than such a file may have.
    case tooLong
    /// In words: `permission denied`.
    case failed(reason: String)
}

/// What is found where the configuration names a file.
package enum FileCondition: Hashable, Sendable {
    /// A regular file that can be read: its permission bits as in st_mode (inode(7)), and its bytes.
    case readable(mode: UInt32, size: Int64)
    /// Nothing.
    case missing
    /// Something that this process may not read, and why: `permission denied`.
    case notReadable(reason: String)
    /// A directory.
    case directory
    /// A device, socket or pipe.
    case special

    /// Why this is no file to read, in words; nil where it is one.
    package var complaint: String? {
        switch self {
        case .readable(_, let size): size == 0 ? "the file is empty" : nil
        case .missing: "no such file"
        case .notReadable(let reason): "cannot be read: \(reason)"
        case .directory: "is a directory, not a file"
        case .special: "is not a regular file"
        }
    }

    /// The permission bits in octal, where users beside the owner and the group can read the file; nil otherwise.
    var modeReadableByOthers: String? {
        guard case .readable(let mode, _) = self, mode & 0o004 != 0 else { return nil }
        return "0" + String(mode & 0o777, radix: 8)
    }
}

/// What is known of a group of users that the configuration names.
package enum GroupCondition: Hashable, Sendable {
    /// It is there, with this number.
    case known(UInt32)
    /// It is there, but this process cannot tell its members from others: its user namespace hides the group
    /// (user_namespaces(7)).
    case hidden
    /// There is no such group.
    case missing
    /// The machine could not be asked, and why: `connection refused`.
    case unavailable(reason: String)
}
