import MPushJSON

/// The help of a command, as swift-argument-parser's `--experimental-dump-help` and `mpushd --dump-help` write it.
package struct CommandHelp: Equatable, Sendable {
    /// An option, a flag or an operand.
    package struct Argument: Equatable, Sendable {
        /// As they are typed, the long one first: `--config`, `-c`. None for an operand.
        package let names: [String]
        /// What its value is called; nil for a flag.
        package let value: String?
        package let text: String
        package let standard: String?
        package let isOptional: Bool
        package let isRepeating: Bool

        package var isOperand: Bool { names.isEmpty }
    }

    package let name: String
    package let abstract: String
    package let discussion: String
    package let arguments: [Argument]
    package let commands: [CommandHelp]
}

extension CommandHelp {
    /// The text is not what was expected.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Reads the help of a program; throws `Failure`.
    package init(dump: [UInt8]) throws(Failure) {
        do {
            let json = try JSONParser.parse(dump)
            guard let command = json["command"], let help = CommandHelp(command) else {
                throw Failure(description: "it has no command in it")
            }
            self = help
        } catch let error as JSONError {
            throw Failure(description: "it is \(error)")
        } catch {
            throw Failure(description: "\(error)")
        }
    }

    private init?(_ json: JSONValue) {
        guard let name = json["commandName"]?.string else { return nil }
        self.name = name
        abstract = json["abstract"]?.string ?? ""
        discussion = json["discussion"]?.string ?? ""
        arguments = (json["arguments"]?.array ?? [])
            .filter { $0["shouldDisplay"]?.bool != false }
            .map(Argument.init)
        // Every program has the command help; it needs no words.
        commands = (json["subcommands"]?.array ?? []).compactMap(CommandHelp.init).filter { $0.name != "help" }
    }
}

extension CommandHelp.Argument {
    fileprivate init(_ json: JSONValue) {
        let all = json["names"]?.array ?? []
        names =
            all.filter { $0["kind"]?.string == "long" }.compactMap { $0["name"]?.string.map { "--\($0)" } }
            + all.filter { $0["kind"]?.string == "short" }.compactMap { $0["name"]?.string.map { "-\($0)" } }
        value = json["kind"]?.string == "flag" ? nil : json["valueName"]?.string
        text = json["abstract"]?.string ?? ""
        standard = json["defaultValue"]?.string
        isOptional = json["isOptional"]?.bool ?? true
        isRepeating = json["isRepeating"]?.bool ?? false
    }
}
