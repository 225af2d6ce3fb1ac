/// A file of a configuration: the main one, or one of the directory beside it.
package struct ConfigurationText: Sendable {
    /// As messages call it.
    package let name: String
    /// TOML 1.0 in UTF-8.
    package let bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// The most files beside the main one.
    package static let mostFragments = 100

    /// The directory whose files are merged into the main one: `/etc/mpushd/mpushd.d` for `/etc/mpushd/mpushd.toml`. nil for a
    /// file of another kind of name.
    package static func directory(beside path: String) -> String? {
        let end = ".toml"
        guard path.hasSuffix(end), path.count > end.count, !path.hasSuffix("/" + end) else { return nil }
        return String(path.dropLast(end.count)) + ".d"
    }

    /// Which of `names` in such a directory are read, in their order: what ends in `.toml`, by its bytes.
    package static func fragments(among names: [String]) -> [String] {
        names.filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
