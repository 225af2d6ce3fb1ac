import MPushModel
import MPushRouting

/// A program as a route's target that runs on, and gets one message after another (docs/STREAM.md).
package struct StreamSettings: Equatable, Sendable {
    /// An absolute path.
    package let program: String
    package let arguments: [String]
    /// How long it may take over the first message that it has not confirmed.
    package let timeLimit: Duration
    /// The working directory; nil for `/`.
    package let directory: String?
    /// Messages that it may have without having confirmed them, 1 to 1024. With 1 their order is kept whatever fails.
    package let window: Int
    /// The key of the configuration that says it: `stream`, or that of the bridge that is the program.
    package let key: String

    package init(
        program: String, arguments: [String] = [], timeLimit: Duration = .seconds(30), directory: String? = nil,
        window: Int = 256, key: String = "stream"
    ) {
        self.program = program
        self.arguments = arguments
        self.timeLimit = timeLimit
        self.directory = directory
        self.window = window
        self.key = key
    }
}

extension StreamSettings {
    /// Nil where there is none, and where it is wrong, which is reported.
    init?(reading table: TableReader) {
        let command = table.optional("stream", takesEffect: .atOnce, .streamCommand)
        let bridges = BrokerKind.allCases.map { broker in
            (broker, table.optional(broker.rawValue, takesEffect: .atOnce, .bridge(to: broker)))
        }
        let bridge = bridges.first { $0.1 != nil }
        let directory = table.optional("directory", takesEffect: .atOnce, .directory(example: "/var/lib/push"))
        let timeLimit = table.timeLimit(default: .seconds(30))
        let window = table.value("window", takesEffect: .atOnce, .count(in: 1...1024), default: 256)
        guard command != nil || bridge != nil else { return nil }
        let key = command != nil ? "stream" : bridge?.0.rawValue ?? ""
        if table.holds("concurrency") {
            table.site(of: "concurrency").report(
                "does not apply to \(key). Write window = \(window), say: how many messages the program may have "
                    + "without having confirmed them.")
        }
        self.init(
            program: command?.program ?? bridge.map { StreamSettings.bridge(to: $0.0) } ?? "",
            arguments: command?.arguments.compactMap(\.literal) ?? bridge?.1 ?? [], timeLimit: timeLimit,
            directory: directory, window: window, key: key)
    }
}

extension ValueFormat<ProgramCommand> {
    /// A program and its arguments, in which nothing of a message can be: it is started once for many.
    static var streamCommand: ValueFormat {
        let format = command(example: "[\"/usr/local/bin/store\", \"--all\"]")
        return ValueFormat(noun: format.noun, example: format.example) { node, site in
            guard let command = format.read(node, site), case .array(let nodes) = node.value else { return nil }
            let templates = command.arguments.indices.filter { command.arguments[$0].hasPlaceholders }
            for index in templates {
                site.element(index + 1, nodes[index + 1]).report(
                    "the program of a stream is started once for many messages, so that no placeholder can stand here. "
                        + "It reads the messages from its standard input; write {{ and }} for braces.")
            }
            return templates.isEmpty ? command : nil
        }
    }
}
