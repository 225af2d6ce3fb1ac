import MPushConfiguration
import MPushModel

/// The files that a configuration is read from, as a table.
final class WorldSource: ConfigurationSource {
    var files: [String: [UInt8]] = [:]

    subscript(_ path: String) -> String {
        get { String(decoding: files[path] ?? [], as: UTF8.self) }
        set { files[path] = Array(newValue.utf8) }
    }

    func variable(named name: String) -> String? { nil }

    func inspect(_ path: String) -> FileCondition {
        // Programs are there as soon as they are named.
        if path.hasPrefix("/programs/") { return .readable(mode: 0o755, size: 1) }
        guard let content = files[path] else { return .missing }
        return .readable(mode: 0o600, size: Int64(content.count))
    }

    func group(named name: String) -> GroupCondition { .missing }

    func content(of path: String, maximum: Int) throws(UnreadableFile) -> [UInt8] {
        guard let content = files[path] else { throw .failed(reason: "no such file or directory") }
        guard content.count <= maximum else { throw .tooLong }
        return content
    }

    func secretContent(of path: String, maximum: Int) throws(UnreadableFile) -> SecretBytes {
        SecretBytes(try content(of: path, maximum: maximum))
    }
}
