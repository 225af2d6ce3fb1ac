import Glibc
import MPushModel
import MPushPlatform
import MPushRouting

/// The files that the settings name.
enum BridgeFiles {
    private static let longestPassword = 65_535

    /// Looks whether each can be read, before a library says no more than that one cannot. The password, where there is
    /// one: the first line of its file.
    static func check(_ settings: BridgeSettings) throws(BridgeTrouble) -> String? {
        for option in settings.broker.options where option.value == .file && option.key != .passwordFile {
            if let file = settings[option.key] { _ = try content(of: file, option.key, atMost: 16 << 20) }
        }
        guard let file = settings[.passwordFile] else { return nil }
        let bytes = try content(of: file, .passwordFile, atMost: longestPassword)
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard !line.isEmpty, let password = String(validating: line, as: UTF8.self), !line.contains(0) else {
            throw BridgeTrouble(
                status: BridgeTrouble.configuration, "--password-file: \(file): its first line is not a password")
        }
        return password
    }

    private static func content(
        of file: String, _ key: BridgeKey, atMost maximum: Int
    ) throws(BridgeTrouble) -> [UInt8] {
        do throws(OSError) {
            return try FileSystem.read(file, maximum: maximum)
        } catch {
            throw BridgeTrouble(
                status: BridgeTrouble.configuration, "\(key.typed): \(file): \(OSError.text(for: error.number))")
        }
    }
}
