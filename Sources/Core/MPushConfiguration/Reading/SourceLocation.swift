/// Where in the configuration something was written, so that what turns out to be wrong with it later (a damaged PEM
/// file, say) is reported at the right line.
package struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    /// The name of the file, as it was given.
    package let file: String

    /// The line, from 1; nil where the file as a whole is meant, or a key that is not there.
    package let line: Int?

    /// The column, from 1; given for errors of syntax only.
    package let column: Int?

    /// The key, with its table: `server.endpoints`, `identity[2].user` (counted from 1); nil where no key is meant.
    package let key: String?

    /// A place in `file`; leave out what is not known.
    package init(file: String, line: Int? = nil, column: Int? = nil, key: String? = nil) {
        self.file = file
        self.line = line
        self.column = column
        self.key = key
    }

    /// `/etc/mpushd/mpushd.toml:4`, as compilers and editors write it.
    package var description: String {
        ([file] + [line, column].compactMap { $0 }.map(String.init)).joined(separator: ":")
    }
}
