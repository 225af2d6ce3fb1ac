import MPushModel

/// Where `mpushd init` is run, and where its answers go.
package struct SetupPlace {
    /// The path of the configuration, absolute.
    package let configuration: String
    /// The directory that relative paths in answers start from.
    private let workingDirectory: String
    private let files: any ConfigurationSource

    /// The most that an answer's file may have.
    private static let longestFile = 1 << 20

    /// - Parameter configuration: as it was given, perhaps relative.
    package init(configuration: String, workingDirectory: String, files: any ConfigurationSource) {
        self.configuration = SetupPlace.absolute(configuration, in: workingDirectory)
        self.workingDirectory = workingDirectory
        self.files = files
    }

    /// The command that starts what is configured here.
    package var startCommand: String {
        guard let unit = SetupPlace.unit(of: configuration) else { return "mpushd run --config \(configuration)" }
        return "sudo systemctl enable --now \(unit.dropLast(".service".count))"
    }

    /// The unit that runs the configuration at an absolute path: mpushd.service, or that of an instance; nil for neither.
    package static func unit(of path: String) -> String? {
        if path == "/etc/mpushd/mpushd.toml" { return "mpushd.service" }
        let (directory, file) = ("/etc/mpushd/", "/mpushd.toml")
        guard path.hasPrefix(directory), path.hasSuffix(file), path.count > directory.count + file.count else {
            return nil
        }
        let instance = String(path.dropFirst(directory.count).dropLast(file.count))
        return IdentityName.isSafe(instance) ? "mpushd@\(instance).service" : nil
    }

    /// What the file at `text` has. One outside of the configuration's directory is copied there: the service sees neither
    /// home directories nor all that root can read.
    func source(of text: String, named name: String) throws(Misspelling) -> SetupSource {
        guard !text.isEmpty else { throw Misspelling("The name of a file is needed.") }
        let path = SetupPlace.absolute(text, in: workingDirectory)
        let shown = path.shown(atMost: String.longestNamed)
        if let complaint = files.inspect(path).complaint { throw Misspelling("\(shown): \(complaint).") }
        let directory = configuration[..<(configuration.lastIndex(of: "/") ?? configuration.startIndex)]
        if path.hasPrefix(directory + "/"), !path.contains("/../") { return .inPlace(path) }
        do throws(UnreadableFile) {
            return .copied(try files.secretContent(of: path, maximum: SetupPlace.longestFile), name: name)
        } catch {
            switch error {
            case .tooLong: throw Misspelling("\(shown): is longer than \(ByteCount.spelled(SetupPlace.longestFile)).")
            case .failed(let reason): throw Misspelling("\(shown): cannot be read: \(reason).")
            }
        }
    }

    private static func absolute(_ path: String, in directory: String) -> String {
        path.hasPrefix("/") ? path : "\(directory == "/" ? "" : directory)/\(path)"
    }
}
