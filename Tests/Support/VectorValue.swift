/// Any JSON value, for fixtures whose fields differ from entry to entry.
package enum VectorValue: Decodable, Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Int64)
    case string(String)
    case array([VectorValue])
    case object([String: VectorValue])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([VectorValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: VectorValue].self))
        }
    }

    /// The text, empty for null: the wire does not tell them apart.
    package var text: String? {
        switch self {
        case .string(let value): value
        case .null: ""
        default: nil
        }
    }

    package var number: Int64? {
        if case .number(let value) = self { value } else { nil }
    }

    package var object: [String: VectorValue]? {
        if case .object(let value) = self { value } else { nil }
    }
}
