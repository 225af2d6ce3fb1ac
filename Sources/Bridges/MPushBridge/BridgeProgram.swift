import Glibc
import MPushJSON
package import MPushModel
import MPushPlatform
import MPushRouting

/// A bridge as a program: its arguments, and what it says of itself.
package struct BridgeProgram: Sendable {
    package let broker: BrokerKind
    /// What it does, in a sentence.
    package let abstract: String

    package init(_ broker: BrokerKind, abstract: String) {
        self.broker = broker
        self.abstract = abstract
    }

    /// Does what the program's arguments ask for: the status to exit with.
    package func run<Client: BrokerClient>(_ client: Client.Type) -> Int32 {
        switch BridgeArguments(Array(CommandLine.arguments.dropFirst()), of: broker) {
        case .settings(let settings):
            let route = getenv("MPUSH_ROUTE").map { String(cString: $0) } ?? ""
            var bridge = Bridge(settings, route: route)
            return bridge.run(client)
        case .help: BridgeProgram.say(help)
        case .version: BridgeProgram.say("\(broker.program) \(ProgramVersion.current)\n")
        case .dumpHelp: BridgeProgram.say(dump.text + "\n")
        case .wrong(let what):
            BridgeProgram.say("\(broker.program): \(what)\n\(usage)\n", to: STDERR_FILENO)
            return EX_USAGE
        }
        return EX_OK
    }

    private static func say(_ text: String, to file: CInt = STDOUT_FILENO) {
        _ = FileSystem.writeAll(Array(text.utf8), to: file)
    }
}
