import MPushJSON
import MPushModel
import MPushRouting

/// What `--help` says.
extension BridgeProgram {
    var usage: String {
        let name = broker.program
        return
            "usage: \(name) --url URL \(broker.topicKey.typed) TEMPLATE [OPTION...] | \(name) --help | \(name) --version"
    }

    private var discussion: String {
        """
        It is the program of a stream route: it reads messages from standard input, a line of JSON each, and answers on
        standard output once the broker has confirmed them.

        Exit status
          0 ended as requested   64 wrong arguments   65 standard input has no messages   74 standard output failed
          75 the broker is not there, or refuses the connection   78 a file that is named cannot be used

        """
    }

    var help: String {
        let options = broker.options.map { option in
            let value = option.value.noun.map { " " + $0.uppercased() } ?? ""
            let head = "  \(option.key.typed)\(value)"
            return head + String(repeating: " ", count: max(1, 26 - head.count)) + option.help
        }
        return [abstract, usage, "Options\n" + options.joined(separator: "\n"), discussion].joined(separator: "\n\n")
    }

    /// The same for programs, as swift-argument-parser's `--experimental-dump-help` writes it: the manual is made from it.
    var dump: JSONValue {
        .object([
            "serializationVersion": .integer(0),
            "command": .object([
                "commandName": .string(broker.program), "abstract": .string(abstract),
                "arguments": .array(broker.options.map(BridgeProgram.dump)),
            ]),
        ])
    }

    private static func dump(_ option: BridgeOption) -> JSONValue {
        .object([
            "kind": .string(option.value.noun == nil ? "flag" : "option"),
            "names": .array([.object(["kind": .string("long"), "name": .string(option.key.rawValue)])]),
            "valueName": option.value.noun.map(JSONValue.string), "isOptional": .bool(true),
            "abstract": .string(option.help),
        ])
    }
}
