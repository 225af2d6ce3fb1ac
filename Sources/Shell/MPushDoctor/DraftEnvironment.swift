package import MPushConfiguration
package import MPushModel

/// The machine as it will be once some files are written.
package struct DraftEnvironment: ConfigurationSource, Sendable {
    private let files: [String: SecretBytes]
    private let machine = DoctorEnvironment()

    package init(_ files: [SetupFile]) {
        self.files = Dictionary(files.map { ($0.path, $0.content) }, uniquingKeysWith: { _, last in last })
    }

    package func variable(named name: String) -> String? { machine.variable(named: name) }

    package func inspect(_ path: String) -> FileCondition {
        guard let file = files[path] else { return machine.inspect(path) }
        return .readable(mode: SetupWriter.mode, size: Int64(file.count))
    }

    package func content(of path: String, maximum: Int) throws(UnreadableFile) -> [UInt8] {
        guard let file = files[path] else { return try machine.content(of: path, maximum: maximum) }
        guard file.count <= maximum else { throw .tooLong }
        return file.exposed
    }

    package func secretContent(of path: String, maximum: Int) throws(UnreadableFile) -> SecretBytes {
        guard let file = files[path] else { return try machine.secretContent(of: path, maximum: maximum) }
        guard file.count <= maximum else { throw .tooLong }
        return file
    }

    package func names(in directory: String) throws(UnreadableFile) -> [String] { try machine.names(in: directory) }

    package func group(named name: String) -> GroupCondition { machine.group(named: name) }
}
