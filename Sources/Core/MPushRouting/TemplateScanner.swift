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
