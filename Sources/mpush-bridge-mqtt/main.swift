import Glibc
import MPushJSON
import MPushModel
import MPushPlatform

func say(_ text: String, to file: CInt = STDOUT_FILENO) { _ = FileSystem.writeAll(Array(text.utf8), to: file) }

switch BridgeArguments(Array(CommandLine.arguments.dropFirst())) {
case .settings(let settings):
    let name = getenv("MPUSH_ROUTE").map { String(cString: $0) }
    exit(Bridge(settings, route: name ?? "").run())
case .help: say(BridgeHelp.text)
case .version: say("\(BridgeHelp.program) \(ProgramVersion.current)\n")
case .dumpHelp: say(BridgeHelp.dump.text + "\n")
case .wrong(let what):
    say("\(BridgeHelp.program): \(what)\n\(BridgeHelp.usage)\n", to: STDERR_FILENO)
    exit(EX_USAGE)
}
