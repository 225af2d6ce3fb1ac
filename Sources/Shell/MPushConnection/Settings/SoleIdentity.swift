import MPushConfiguration
import MPushModel
package import MPushPlatform
import MPushSystemd

/// Which identity was the only one. It has the machine's own device id, and keeps that when others come beside it: another
/// device would be another session for the server. The name is in a file of the state directory; where there is none, several
/// identities have ids of their own, all of them.
package enum SoleIdentity {
    private static let fileName = "sole-identity"

    /// Its name; nil where none is known.
    static func name(in configuration: Configuration, _ environment: any ConfigurationSource) -> String? {
        let service = environment.variable(named: "STATE_DIRECTORY").flatMap { value in
            ServiceEnvironment { $0 == "STATE_DIRECTORY" ? value : nil }.stateDirectory
        }
        let directory = StateDirectory.path(configured: configuration.state.directory, serviceDirectory: service)
        let file = "\(directory)/\(fileName)"
        guard case .readable = environment.inspect(file),
            let content = try? environment.content(of: file, maximum: IdentityName.longest + 1)
        else { return nil }
        let name = String(decoding: content.prefix { $0 != 0x0A }, as: UTF8.self)
        return IdentityName.isSafe(name) ? name : nil
    }

    /// Notes the only identity of `settings` in the state directory; does nothing where there are several.
    package static func note(
        _ settings: LoadedSettings, in directory: String, files: any FileStore
    ) throws(OSError) {
        guard settings.identities.count == 1, let name = settings.identities.first?.name else { return }
        let file = "\(directory)/\(fileName)"
        let content = Array("\(name)\n".utf8)
        if let old = try? files.read(file, first: content.count + 1), old == content { return }
        let draft = "\(file).new"
        if files.isTaken(draft) { try files.remove(draft) }
        try files.write(content, to: draft, mode: 0o600)
        try files.rename(draft, to: file)
        try files.syncDirectory(directory)
    }
}
