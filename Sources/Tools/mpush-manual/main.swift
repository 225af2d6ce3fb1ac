import Glibc
import MPushConfiguration
import MPushManual
import MPushModel
import MPushPlatform

// Makes what belongs to the programs beside the programs: manual pages and completions (`make manual`), the document of the
// metrics and the schema of the configuration (`make documents`).
//
//   mpush-manual page TEMPLATE SOURCE       SOURCE: a dumped help (.json) or the example configuration (.toml)
//   mpush-manual completion SHELL HELP
//   mpush-manual schema EXAMPLE             the JSON Schema of the configuration: docs/mpushd.schema.json
//   mpush-manual metrics                    the document of the metrics: docs/metrics.md

/// Exits with a message.
func fail(_ message: String) -> Never {
    _ = FileSystem.writeAll(Array("mpush-manual: \(message)\n".utf8), to: STDERR_FILENO)
    exit(EX_USAGE)
}

func read(_ path: String) -> [UInt8] {
    do throws(OSError) {
        return try FileSystem.read(path, maximum: 4 << 20)
    } catch {
        fail("\(path): \(error)")
    }
}

func help(_ path: String) -> CommandHelp {
    do throws(CommandHelp.Failure) {
        return try CommandHelp(dump: read(path))
    } catch {
        fail("\(path): \(error)")
    }
}

func write(_ text: String) {
    if let error = FileSystem.writeAll(Array(text.utf8), to: STDOUT_FILENO) { fail("\(error)") }
}

/// When a change of each key takes effect, as the reading code declares it.
func effects() -> [String: String] {
    Dictionary(ConfigurationKey.all.map { ($0.path, $0.effect.sentence) }, uniquingKeysWith: { first, _ in first })
}

let arguments = CommandLine.arguments.dropFirst()
switch (arguments.first, arguments.count) {
case ("page", 3):
    let template = String(decoding: read(arguments[2]), as: UTF8.self)
    let source = arguments[3]
    let sections =
        source.hasSuffix(".json")
        ? CommandSections(help(source)).lines
        : ConfigurationSections(String(decoding: read(source), as: UTF8.self), effects: effects()).lines
    write(ManualPage(template, sections: sections, version: ProgramVersion.current, day: ProgramVersion.day).text)
case ("completion", 3):
    guard let shell = CompletionScript.Shell(rawValue: arguments[2]) else { fail("\(arguments[2]): no such shell") }
    write(CompletionScript(help(arguments[3])).text(for: shell))
case ("schema", 2):
    let required = ConfigurationKey.all.filter { $0.absence == .isAnError }.map(\.path)
    write(ConfigurationSchema(String(decoding: read(arguments[2]), as: UTF8.self), required: Set(required)).text)
case ("metrics", 1): write(MetricsPage().text)
default:
    fail(
        "usage: mpush-manual page TEMPLATE SOURCE | mpush-manual completion bash|zsh|fish HELP | mpush-manual schema EXAMPLE | "
            + "mpush-manual metrics")
}
