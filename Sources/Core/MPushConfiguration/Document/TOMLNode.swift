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
        case .string(let text): text.quotedForDisplay
        case .integer(let number): String(number)
        case .float(let number): String(number)
        case .boolean(let flag): String(flag)
        case .table, .array, .dateOrTime: "this"
        }
    }
}
