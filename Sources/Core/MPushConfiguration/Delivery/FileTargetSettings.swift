/// A folder as a route's target, with `tmp`, `new` and `cur` in it as a maildir has them (maildir(5)).
package struct FileTargetSettings: Equatable, Sendable {
    /// An absolute path.
    package let directory: String
    /// The permissions of the files.
    package let mode: UInt32

    package init(directory: String, mode: UInt32 = 0o640) {
        self.directory = directory
        self.mode = mode
    }
}

extension FileTargetSettings {
    /// The permissions of the folders that are made for the files: a group that may read these may move and remove them.
    package var folderMode: UInt32 { 0o700 | (mode & 0o040 == 0 ? 0 : 0o070) | (mode & 0o004 == 0 ? 0 : 0o005) }

    /// Nil where there is none, and where it is wrong, which is reported.
    init?(reading table: TableReader) {
        let directory = table.optional("file", takesEffect: .atOnce, .directory(example: "/var/spool/push"))
        let mode = table.value("mode", takesEffect: .atOnce, .fileMode, default: 0o640)
        guard let directory else { return nil }
        self.init(directory: directory, mode: mode)
    }
}
