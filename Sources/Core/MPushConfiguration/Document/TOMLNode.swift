import MPushModel

/// A value of a TOML document, and where it stands.
struct TOMLNode {
    let value: TOMLValue
    let position: TextPosition

    /// The type in words, with its article: `an integer`.
    var typeName: String {
        switch value {
        case .table: "a table"
        case .array: "an array"
        case .string: "a string"
        case .integer: "an integer"
        case .float: "a float"
        case .boolean: "a boolean"
        case .dateOrTime: "a date or time"
        }
    }

    /// The value as the file spells it, shortened where it is long; `this` for what has no short spelling.
    var shown: String {
        switch value {
        case .string(let text): text.quoted
        case .integer(let number): String(number)
        case .float(let number): String(number)
        case .boolean(let flag): String(flag)
        case .table, .array, .dateOrTime: "this"
        }
    }
}

/// What a TOML document is made of. Dates and times are recognised, to say that they are not wanted, and not read.
enum TOMLValue {
    case table([TOMLEntry])
    case array([TOMLNode])
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    case dateOrTime
}

/// A key of a table and what it names.
struct TOMLEntry {
    let key: String
    let keyPosition: TextPosition
    let node: TOMLNode
}

/// Where something stands in a text; both numbers count from 1.
struct TextPosition: Hashable, Sendable {
    let line: Int
    let column: Int
    /// Which text, where there are several; nil for the only one.
    var file: String?
}

/// Why a text is no TOML document, and where that was met.
struct TOMLSyntaxError: Error, Equatable {
    let position: TextPosition
    let message: String
}
