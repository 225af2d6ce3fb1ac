import Glibc
import MPushModel
import MPushPlatform

/// The files that the settings name.
enum BrokerFiles {
    private static let longestPassword = 65_535

    /// Looks whether each can be read, before the library says no more than that one cannot. The password, where there is
    /// one: the first line of its file.
    static func check(_ settings: BridgeSettings) throws(BrokerTrouble) -> String? {
        let files = [
            (BridgeOption.authority, settings.authority), (.certificate, settings.certificate), (.key, settings.key),
        ]
        for (option, file) in files {
            if let file { _ = try content(of: file, option, atMost: 16 << 20) }
        }
        guard let file = settings.passwordFile else { return nil }
        let bytes = try content(of: file, .passwordFile, atMost: longestPassword)
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard !line.isEmpty, let password = String(validating: line, as: UTF8.self), !line.contains(0) else {
            throw BrokerTrouble(
                status: BrokerTrouble.configuration, "--password-file: \(file): its first line is not a password")
        }
        return password
    }

    private static func content(
        of file: String, _ option: BridgeOption, atMost maximum: Int
    ) throws(BrokerTrouble) -> [UInt8] {
        do throws(OSError) {
            return try FileSystem.read(file, maximum: maximum)
        } catch {
            throw BrokerTrouble(
                status: BrokerTrouble.configuration, "\(option.typed): \(file): \(OSError.text(for: error.number))")
        }
    }
}
