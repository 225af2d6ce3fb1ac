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
        case .special: "is no regular file"
        }
    }

    /// The permission bits in octal, where users beside the owner and the group can read the file; nil otherwise.
    var modeReadableByOthers: String? {
        guard case .readable(let mode, _) = self, mode & 0o004 != 0 else { return nil }
        return "0" + String(mode & 0o777, radix: 8)
    }
}
