import Glibc
import MPushConfiguration
import MPushConnection
import MPushJSON
import MPushModel

/// What `mpushd check --show` says: every value in force, and where it comes from.
enum EffectiveReport {
    private static let withheld = "(withheld)"

    /// Prints them, and gives the exit status.
    static func print(_ file: String, json: Bool) -> CInt {
        do throws(ConfigurationErrors) {
            let values = try SettingsLoader.values(file, environment: MachineEnvironment())
            Program.say(json ? self.json(values).text + "\n" : text(values))
            return EX_OK
        } catch {
            for problem in error.errors { Program.say("\(problem)\n", to: STDERR_FILENO) }
            return EX_CONFIG
        }
    }

    /// `server.endpoints = ["push.example.com:3443"]   # /etc/mpushd/mpushd.d/10-server.toml:2`, and
    /// `server.order = "listed"                          # default`
    private static func text(_ values: [EffectiveValue]) -> String {
        let lines = values.map { "\($0.key) = \($0.value ?? withheld)" }
        let column = min(60, lines.map(\.count).max() ?? 0) + 2
        let shown = zip(values, lines).map { value, line in
            let path = value.path.map { ": \($0.shown(atMost: 4096))" } ?? ""
            return "\(line.padded(to: max(column, line.count + 2)))# \(value.origin)\(path)\n"
        }
        return shown.joined() + "# Keys that are not listed have no value of their own: see mpushd.toml(5).\n"
    }

    private static func json(_ values: [EffectiveValue]) -> JSONValue {
        .object([
            "values": .array(
                values.map { value in
                    let (origin, place, variable) = members(of: value.origin)
                    return .object([
                        "key": .string(value.key), "value": value.value.map(JSONValue.string),
                        "origin": .string(origin), "file": place.map { .string($0.file) },
                        "line": place?.line.map { .integer(Int64($0)) }, "variable": variable.map(JSONValue.string),
                        "path": value.path.map(JSONValue.string),
                    ])
                })
        ])
    }

    private static func members(
        of origin: EffectiveValue.Origin
    ) -> (origin: String, place: SourceLocation?, variable: String?) {
        switch origin {
        case .file(let place): ("file", place, nil)
        case .standard: ("default", nil, nil)
        case .variable(let name): ("variable", nil, name)
        }
    }
}
