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
