/// Why an argument of a program cannot be what it is written as, or what a message would make of it. Positions count
/// characters from 1.
package enum TemplateError: Error, Equatable, Sendable {
    /// No placeholder is called so.
    case unknownPlaceholder(String, at: Int)
    /// `{json:}` names no field, or one with an empty part.
    case badField(String, at: Int)
    /// A brace is opened and not closed.
    case openBrace(at: Int)
    /// A brace is closed that was not opened.
    case strayBrace(at: Int)
    /// A placeholder stands where it would name an option: `--{content}`.
    case optionName(at: Int)
    /// What comes of it, alone or together with the other arguments, has more bytes than this, which no program can be
    /// given.
    case tooLong(Int)

    /// The names of all placeholders, as they are written.
    package static let placeholders = ArgumentPlaceholder.byName.map { "{\($0.key)}" } + ["{json:field}"]

    /// Where in the template, from 1; nil where a message is to blame.
    package var position: Int? {
        switch self {
        case .unknownPlaceholder(_, let position), .badField(_, let position), .openBrace(let position),
            .strayBrace(let position), .optionName(let position):
            position
        case .tooLong: nil
        }
    }
}

extension TemplateError: CustomStringConvertible {
    /// Words that read on from the argument, and say what would be right.
    package var description: String {
        switch self {
        case .unknownPlaceholder(let name, let position):
            "has no such placeholder as {\(name)}, at character \(position). There are "
                + TemplateError.placeholders.joined(separator: ", ") + ". A brace that is meant as one is written twice"
        case .badField(let name, let position):
            "names no field with {\(name)}, at character \(position). Write {json:field} or {json:outer.inner}"
        case .openBrace(let position):
            "opens a brace at character \(position) that is not closed. A brace that is meant as one is written twice: {{"
        case .strayBrace(let position):
            "closes a brace at character \(position) that is not open. A brace that is meant as one is written twice: }}"
        case .optionName(let position):
            "lets a message choose the option, with its placeholder at character \(position). "
                + "Write \"--name={content}\", or the option and the placeholder as two arguments"
        case .tooLong(let bytes):
            "comes to more than \(bytes) bytes, the most that a program can be given. "
                + "Use standard input, which has the content"
        }
    }
}

/// Takes a template apart.
struct TemplateScanner {
    private let characters: [Unicode.Scalar]
    private var position = 0
    private var parts: [ArgumentTemplate.Part] = []
    private var literal: [UInt8] = []

    init(_ source: String) {
        characters = Array(source.unicodeScalars)
    }

    /// The pieces in their order.
    mutating func scan() throws(TemplateError) -> [ArgumentTemplate.Part] {
        while let character = peek {
            switch character {
            case "{" where next == "{", "}" where next == "}":
                literal += String(character).utf8
                position += 2
            case "{": try placeholder()
            case "}": throw .strayBrace(at: position + 1)
            default:
                literal += String(character).utf8
                position += 1
            }
        }
        endLiteral()
        return parts
    }

    private mutating func placeholder() throws(TemplateError) {
        let start = position
        let rest = characters[(start + 1)...]
        guard let end = rest.firstIndex(where: { $0 == "}" || $0 == "{" }), characters[end] == "}" else {
            throw .openBrace(at: start + 1)
        }
        let name = String(String.UnicodeScalarView(rest[..<end]))
        let placeholder = try TemplateScanner.placeholder(name, at: start + 1)
        if parts.isEmpty, namesAnOption { throw .optionName(at: start + 1) }
        endLiteral()
        parts.append(.placeholder(placeholder))
        position = end + 1
    }

    private static func placeholder(_ name: String, at position: Int) throws(TemplateError) -> ArgumentPlaceholder {
        if let known = ArgumentPlaceholder.byName.first(where: { $0.key == name }) { return known.value }
        guard name.hasPrefix("json:") else { throw .unknownPlaceholder(clipped(name), at: position) }
        let path = name.dropFirst("json:".count).split(separator: ".", omittingEmptySubsequences: false)
        guard path.allSatisfy({ !$0.isEmpty }) else { throw .badField(clipped(name), at: position) }
        return .field(path.map(String.init))
    }

    /// A name that an error can hold.
    private static func clipped(_ name: String) -> String {
        let scalars = name.unicodeScalars
        return scalars.count > 64 ? String(String.UnicodeScalarView(scalars.prefix(64))) + "…" : name
    }

    /// Whether what stands so far is an option whose name goes on: `-`, or `--` without `=`.
    private var namesAnOption: Bool {
        literal == Array("-".utf8) || (literal.starts(with: "--".utf8) && !literal.contains(UInt8(ascii: "=")))
    }

    private mutating func endLiteral() {
        if !literal.isEmpty { parts.append(.literal(literal)) }
        literal = []
    }

    private var peek: Unicode.Scalar? { position < characters.count ? characters[position] : nil }

    private var next: Unicode.Scalar? { position + 1 < characters.count ? characters[position + 1] : nil }
}
