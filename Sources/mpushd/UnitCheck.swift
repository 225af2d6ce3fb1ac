import Glibc
import MPushConfiguration
import MPushModel
import MPushPlatform

/// What the unit that will run a configuration has against it: its sandbox hides files, and its user may not read all that
/// root can.
enum UnitCheck {
    /// Warnings; none where no unit runs `file`, and where nobody can be asked.
    static func warnings(of configuration: Configuration, in file: String) -> [ConfigurationProblem] {
        let path = file.hasPrefix("/") ? file : "\(FileSystem.workingDirectory)/\(file)"
        guard let unit = SetupPlace.unit(of: path), access("/run/systemd/system", F_OK) == 0,
            let show = properties(of: unit), let sandbox = ServiceSandbox(of: unit, show: show)
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

    private static func properties(of unit: String) -> String? {
        let show = ChildOutput.of(
            ["systemctl", "show", unit, "--property=" + ServiceSandbox.properties.joined(separator: ",")],
            within: .seconds(3), atMost: 65_536, clock: MachineClock())
        return show.shortfall == nil ? show.text : nil
    }
}
