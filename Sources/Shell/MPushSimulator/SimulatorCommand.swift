package import MPushWire

/// What can be typed to a simulator while it runs.
package enum SimulatorCommand: Equatable, Sendable {
    /// An empty line.
    case nothing
    case help
    case push(user: String, text: String, flags: PacketFlags)
    case broadcast(tag: String, text: String, flags: PacketFlags)
    case flood(user: String, count: Int, size: Int)
    case inject(SimulatorFault, into: FaultTarget)
    /// Gives up a fault; nil for all.
    case lift(SimulatorFault?)
    case list
    case statistics
    case quit
}

extension SimulatorCommand {
    /// The longest push of a flood that can be asked for, in bytes.
    private static let maximumSize = 1 << 20

    /// Reads a line as it was typed.
    /// - Throws: what is wrong with it, and how the command is written.
    package init(parsing line: String) throws(CommandError) {
        var words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard !words.isEmpty else {
            self = .nothing
            return
        }
        let word = words.removeFirst()
        guard let syntax = CommandSyntax.all[word] else { throw Self.unknown(word) }
        guard let command = syntax.read(words) else {
            throw CommandError("\(word) is written: \(word) \(syntax.arguments)".trimmed)
        }
        self = command
    }

    /// One line for each command.
    package static var helpText: String {
        let lines = CommandSyntax.inOrder.map { syntax in
            let form = "\(syntax.word) \(syntax.arguments)".trimmed
            return "  " + form + String(repeating: " ", count: max(1, 48 - form.count)) + syntax.meaning
        }
        return lines.joined(separator: "\n")
    }

    private static func unknown(_ word: String) -> CommandError {
        let near = CommandSyntax.inOrder.map(\.word).first { $0.hasPrefix(word) || word.hasPrefix($0) }
        let hint = near.map { " Did you mean \($0)?" } ?? ""
        return CommandError("\(word): no such command.\(hint) help lists them.")
    }

    static func push(_ words: [String]) -> SimulatorCommand? {
        text(words).map { .push(user: $0.first, text: $0.rest, flags: $0.flags) }
    }

    static func broadcast(_ words: [String]) -> SimulatorCommand? {
        text(words).map { .broadcast(tag: $0.first, text: $0.rest, flags: $0.flags) }
    }

    static func flood(_ words: [String]) -> SimulatorCommand? {
        guard (2...3).contains(words.count), let count = Int(words[1]), (1...PushFlood.maximumCount).contains(count),
            let size = words.count == 3 ? Int(words[2]) : 200, (0...maximumSize).contains(size)
        else { return nil }
        return .flood(user: words[0], count: count, size: size)
    }

    /// A name, then a text, with the flag for the ack anywhere.
    private static func text(_ words: [String]) -> (first: String, rest: String, flags: PacketFlags)? {
        let options: [String: PacketFlags] = ["--auto-ack": .autoAck, "--biz-ack": .bizAck, "--no-ack": []]
        let flags = words.compactMap { options[$0] }
        let rest = words.filter { options[$0] == nil }
        guard flags.count <= 1, rest.count >= 2, !rest.contains(where: { $0.hasPrefix("--") }) else { return nil }
        return (rest[0], rest.dropFirst().joined(separator: " "), flags.first ?? .autoAck)
    }
}

extension String {
    fileprivate var trimmed: String {
        String(reversed().drop { $0 == " " }.reversed())
    }
}

/// A line that is no command, in words for whoever typed it.
package struct CommandError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Cuts what is typed into lines. A line that is too long is cut.
package struct LineSplitter: Sendable {
    /// The longest line, in bytes.
    package static let maximumLength = 64 * 1024

    private var pending: [UInt8] = []

    package init() {}

    /// The lines that are whole with `bytes`.
    package mutating func append(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(take())
            } else if pending.count < Self.maximumLength {
                pending.append(byte)
            }
        }
        return lines
    }

    /// What is left without a line feed at the end; nil for nothing.
    package mutating func end() -> String? {
        pending.isEmpty ? nil : take()
    }

    private mutating func take() -> String {
        defer { pending.removeAll() }
        return String(decoding: pending, as: UTF8.self)
    }
}
