import Glibc
import MPushConfiguration
import MPushModel
import MPushPlatform

/// What the unit that will run a configuration has against it: its sandbox hides files, and its user may not read all that
/// root can.
enum UnitCheck {
    private static let most = 64 * 1024

    /// Warnings; none where no unit runs `file`, and where nobody can be asked.
    static func warnings(of configuration: Configuration, in file: String) -> [ConfigurationProblem] {
        let path = file.hasPrefix("/") ? file : "\(FileSystem.workingDirectory)/\(file)"
        guard let unit = SetupPlace.unit(of: path), access("/run/systemd/system", F_OK) == 0,
            let show = output(
                of: "systemctl show \(unit) --property \(ServiceSandbox.properties.joined(separator: ","))"),
            let sandbox = ServiceSandbox(of: unit, show: show)
        else { return [] }
        let itself = ServicePlace(path: path, use: .read, location: SourceLocation(file: file))
        return ([itself] + configuration.servicePlaces).compactMap { place in
            sandbox.complaint(about: place, ownedAs: owner(of: place.path)).map {
                ConfigurationProblem(.warning, at: place.location, $0)
            }
        }
    }

    private static func owner(of path: String) -> ServiceSandbox.Ownership? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return ServiceSandbox.Ownership(
            mode: UInt32(status.st_mode) & 0o7777, group: SystemGroup(number: status.st_gid).name)
    }

    /// The names in `command` are known to be plain ones.
    private static func output(of command: String) -> String? {
        guard let stream = popen("timeout 3 \(command) 2>/dev/null", "re") else { return nil }
        var bytes = [UInt8](repeating: 0, count: most)
        let count = fread(&bytes, 1, most, stream)
        return pclose(stream) == 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }
}
