import MPushJSON
import MPushModel

/// One argument of a program, with placeholders. Whatever they stand for, it stays one argument and never becomes an
/// option.
///
/// `{content}`, `{id}`, `{type}`, `{user}`, `{identity}`, `{received}`, `{route}`, `{attempt}` and `{json:field}` or
/// `{json:outer.inner}` are replaced; `{{` and `}}` stand for braces. Where the argument begins with a placeholder and what
/// comes of it would begin with a hyphen, a space is put in front, so that no program takes it for an option.
package struct ArgumentTemplate: Sendable {
    /// The longest argument that Linux takes, in bytes: MAX_ARG_STRLEN without the NUL at its end (execve(2)).
    package static let longestArgument = 128 * 1024 - 1

    /// As it is written.
    package let source: String

    let parts: [Part]

    /// A piece of a template.
    enum Part: Equatable, Sendable {
        case literal([UInt8])
        case placeholder(ArgumentPlaceholder)
    }

    /// Reads a template; the error says at which character it is wrong.
    package init(_ source: String) throws(TemplateError) {
        var scanner = TemplateScanner(source)
        self.source = source
        parts = try scanner.scan()
    }

    /// Whether anything of a message goes into the argument.
    package var hasPlaceholders: Bool {
        parts.contains { part in
            if case .placeholder = part { true } else { false }
        }
    }

    /// The argument, where it is the same for every message; nil where something of a message goes into it.
    package var literal: String? {
        var bytes: [UInt8] = []
        for part in parts {
            guard case .literal(let piece) = part else { return nil }
            bytes += piece
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether expanding looks at `RoutedMessage.json`.
    package var needsJSON: Bool {
        parts.contains { part in
            if case .placeholder(.field) = part { true } else { false }
        }
    }

    /// The argument for a message: always one, without NUL. A field that is not there comes to nothing.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - route: The name of the route.
    ///   - attempt: Which attempt it is, from 1.
    ///   - isOperand: Whether the program cannot take the argument for an option, so that a number keeps its sign in front.
    package func expanded(
        _ message: RoutedMessage, route: String, attempt: Int, isOperand: Bool = false
    ) throws(TemplateError) -> [UInt8] {
        if isOperand, case .placeholder(.field(let path))? = parts.first, parts.count == 1,
            case .number(let number)? = message.json?.value(at: path),
            number.text.utf8.count <= ArgumentTemplate.longestArgument
        {
            return Array(number.text.utf8)
        }
        var argument: [UInt8] = []
        for part in parts {
            switch part {
            case .literal(let bytes): argument += bytes
            case .placeholder(let placeholder):
                placeholder.append(message, route: route, attempt: attempt, to: &argument)
            }
            // No further than the bound, however many placeholders there are.
            guard argument.count <= ArgumentTemplate.longestArgument else {
                throw .tooLong(ArgumentTemplate.longestArgument)
            }
        }
        if case .placeholder? = parts.first, argument.first == UInt8(ascii: "-") {
            argument.insert(UInt8(ascii: " "), at: 0)
        }
        if argument.contains(0) { argument = argument.replacingNUL() }
        guard argument.count <= ArgumentTemplate.longestArgument else {
            throw .tooLong(ArgumentTemplate.longestArgument)
        }
        return argument
    }
}

extension ArgumentTemplate: Hashable {
    /// Templates that are written alike are equal.
    package static func == (left: ArgumentTemplate, right: ArgumentTemplate) -> Bool { left.source == right.source }

    package func hash(into hasher: inout Hasher) { hasher.combine(source) }
}

extension [UInt8] {
    /// With U+FFFD for each NUL, which would end an argument.
    fileprivate func replacingNUL() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 16)
        for byte in self {
            if byte == 0 { bytes += [0xEF, 0xBF, 0xBD] } else { bytes.append(byte) }
        }
        return bytes
    }
}

extension Array<ArgumentTemplate> {
    /// All arguments of one program together, in bytes: half of what Linux lets arguments and environment have (execve(2)).
    package static let longestList = 1 << 20

    /// Whether expanding looks at `RoutedMessage.json`.
    package var needsJSON: Bool { contains(where: \.needsJSON) }

    /// Each argument for a message, as `ArgumentTemplate.expanded` makes it; all together they are bounded too.
    /// From the `firstOperand` on none can be an option.
    package func expanded(
        _ message: RoutedMessage, route: String, attempt: Int, firstOperand: Int = .max
    ) throws(TemplateError) -> [[UInt8]] {
        var arguments: [[UInt8]] = []
        var length = 0
        for (index, template) in enumerated() {
            let argument = try template.expanded(
                message, route: route, attempt: attempt, isOperand: index >= firstOperand)
            length += argument.count + 1
            guard length <= Self.longestList else { throw .tooLong(Self.longestList) }
            arguments.append(argument)
        }
        return arguments
    }
}

/// What a placeholder stands for.
enum ArgumentPlaceholder: Equatable, Sendable {
    case content
    case id
    case type
    case user
    case identity
    case received
    case route
    case attempt
    /// A field of the JSON content, by the names that lead to it.
    case field([String])

    /// The placeholders without a field, by name.
    static let byName: KeyValuePairs<String, ArgumentPlaceholder> = [
        "content": .content, "id": .id, "type": .type, "user": .user, "identity": .identity, "received": .received,
        "route": .route, "attempt": .attempt,
    ]

    /// Appends what the placeholder stands for.
    func append(_ message: RoutedMessage, route: String, attempt: Int, to argument: inout [UInt8]) {
        switch self {
        case .content: argument += message.content
        case .id: argument.append(utf8: message.id)
        case .type: argument.append(utf8: message.type.map(String.init) ?? "")
        case .user: argument.append(utf8: message.user)
        case .identity: argument.append(utf8: message.identity)
        case .received: argument.append(utf8: message.received)
        case .route: argument.append(utf8: route)
        case .attempt: argument.append(utf8: String(attempt))
        case .field(let path): argument.append(utf8: message.json?.text(at: path) ?? "")
        }
    }
}
