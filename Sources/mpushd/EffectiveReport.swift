import Glibc
import MPushConfiguration
import MPushConnection
import MPushJSON
import MPushModel

/// What `mpushd check --show` says: every key that is set, and where.
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

    /// `server.endpoints = ["push.example.com:3443"]   # /etc/mpushd/mpushd.d/10-server.toml:2`
    private static func text(_ values: [EffectiveValue]) -> String {
        let lines = values.map { "\($0.key) = \($0.value ?? withheld)" }
        let column = min(60, lines.map(\.count).max() ?? 0) + 2
        let shown = zip(values, lines).map { value, line in
            "\(line.padded(to: max(column, line.count + 2)))# \(value.location)\n"
        }
        return shown.joined() + "# All other keys have the defaults of mpushd.toml(5).\n"
    }

    private static func json(_ values: [EffectiveValue]) -> JSONValue {
        .object([
            "values": .array(
                values.map { value in
                    .object([
                        "key": .string(value.key), "value": value.value.map(JSONValue.string),
                        "file": .string(value.location.file), "line": value.location.line.map { .integer(Int64($0)) },
                    ])
                })
        ])
    }
}
