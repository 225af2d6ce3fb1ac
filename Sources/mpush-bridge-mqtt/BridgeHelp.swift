import MPushJSON

/// What `mpush-bridge-mqtt --help` says.
enum BridgeHelp {
    static let program = "mpush-bridge-mqtt"
    static let usage =
        "usage: \(program) --url URL --topic TEMPLATE [OPTION...] | \(program) --help | \(program) --version"

    private static let abstract = "\(program) publishes messages of mpushd to an MQTT broker (QoS 1)."

    private static let discussion = """
        It is the program of a stream route: it reads messages from standard input, a line of JSON each, and answers on
        standard output once the broker has confirmed them.

        Exit status
          0 ended as requested   64 wrong arguments   65 standard input has no messages   74 standard output failed
          75 the broker is not there, or refuses the connection   78 a file that is named cannot be used

        """

    static var text: String {
        let options = BridgeOption.allCases.map { option in
            let value = option.value.map { " " + $0.uppercased() } ?? ""
            let head = "  \(option.typed)\(value)"
            return head + String(repeating: " ", count: max(1, 26 - head.count)) + option.help
        }
        return [abstract, usage, "Options\n" + options.joined(separator: "\n"), discussion].joined(separator: "\n\n")
    }

    /// The same for programs, as swift-argument-parser's `--experimental-dump-help` writes it.
    static var dump: JSONValue {
        .object([
            "serializationVersion": .integer(0),
            "command": .object([
                "commandName": .string(program), "abstract": .string(abstract),
                "arguments": .array(BridgeOption.allCases.map(dump)),
            ]),
        ])
    }

    private static func dump(_ option: BridgeOption) -> JSONValue {
        .object([
            "kind": .string(option.value == nil ? "flag" : "option"),
            "names": .array([.object(["kind": .string("long"), "name": .string(option.rawValue)])]),
            "valueName": option.value.map(JSONValue.string), "isOptional": .bool(true),
            "abstract": .string(option.help),
        ])
    }
}
