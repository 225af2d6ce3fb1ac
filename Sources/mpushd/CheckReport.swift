import Glibc
import MPushConfiguration
import MPushConnection
import MPushJSON
import MPushModel
import MPushPlatform

/// What `mpushd check --json` says.
enum CheckReport {
    /// Reads the configuration, prints one object, and gives the exit status.
    static func print(_ file: String) -> CInt {
        do throws(ConfigurationErrors) {
            let settings = try SettingsLoader.load(
                file, version: ProgramVersion.current, now: MachineClock().wall, environment: MachineEnvironment())
            let warnings = settings.warnings + UnitCheck.warnings(of: settings.configuration, in: file)
            say(file, summary: settings.summary, [], warnings)
            return EX_OK
        } catch {
            say(file, summary: nil, error.errors, error.warnings)
            return EX_CONFIG
        }
    }

    private static func say(
        _ file: String, summary: String?, _ errors: [ConfigurationProblem], _ warnings: [ConfigurationProblem]
    ) {
        let report = JSONValue.object([
            "file": .string(file), "good": .bool(errors.isEmpty), "summary": summary.map(JSONValue.string),
            "errors": .array(errors.map(json)), "warnings": .array(warnings.map(json)),
        ])
        Program.say(report.text + "\n")
    }

    private static func json(_ problem: ConfigurationProblem) -> JSONValue {
        let place = problem.location
        return .object([
            "file": .string(place.file), "line": place.line.map { .integer(Int64($0)) },
            "column": place.column.map { .integer(Int64($0)) }, "key": place.key.map(JSONValue.string),
            "message": .string(problem.message),
        ])
    }
}
