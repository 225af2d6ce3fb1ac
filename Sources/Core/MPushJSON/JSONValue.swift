/// A value of JSON (RFC 8259).
package enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    /// The members in their order. Where a name is there twice, `subscript(_:)` finds the last, as most programs do.
    case object([JSONMember])

    /// An object of `members`, in their order, those with nil left out.
    package static func object(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        .object(members.compactMap { name, value in value.map { JSONMember(name, $0) } })
    }

    /// A whole number.
    package static func integer(_ number: Int64) -> JSONValue { .number(JSONNumber(number)) }

    /// A number; null for what JSON has no word for, the infinite and what is not a number.
    package static func double(_ number: Double) -> JSONValue { JSONNumber(number).map(JSONValue.number) ?? .null }

    /// The member `name` of an object; nil where there is none, or this is no object.
    package subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    package var string: String? { if case .string(let text) = self { text } else { nil } }

    /// A whole number that fits; `1.0` and `1e3` are some, too.
    package var integer: Int64? { if case .number(let number) = self { number.integer } else { nil } }

    package var bool: Bool? { if case .bool(let truth) = self { truth } else { nil } }

    package var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

    /// A number, as near as a Double comes to it; nil where that has no room for it.
    package var number: Double? { if case .number(let number) = self { number.double } else { nil } }
}

/// A number as it is written (RFC 8259 section 6): its text is kept, whatever its size and precision, and only whoever
/// calculates with it finds out that it does not fit.
package struct JSONNumber: Hashable, Sendable {
    /// A longer one is not calculated with.
    private static let longest = 400

    /// As it was written.
    package let text: String

    /// - Parameter text: a number in JSON's grammar.
    init(written text: String) {
        self.text = text
    }

    package init(_ number: Int64) {
        text = String(number)
    }

    /// Nil for the infinite and what is not a number.
    package init?(_ number: Double) {
        guard number.isFinite else { return nil }
        text = "\(number)"
    }

    /// Whether it has neither fraction nor exponent.
    package var isWhole: Bool { text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || $0.isDigit } }

    /// The number where it is whole, as `1.0` and `1e3` are too, and fits; digit by digit, since a Double has no room for all.
    package var integer: Int64? {
        if let number = Int64(text) { return number }
        guard text.utf8.count <= JSONNumber.longest else { return nil }
        let parts = text.utf8.split(whereSeparator: { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") })
        let mantissa = parts[0].split(separator: UInt8(ascii: "."))
        let isNegative = text.utf8.first == UInt8(ascii: "-")
        var digits = Array(mantissa.joined().filter(\.isDigit).drop { $0 == UInt8(ascii: "0") })
        guard !digits.isEmpty else { return 0 }
        let fraction = mantissa.count > 1 ? mantissa[1].count : 0
        guard let exponent = parts.count > 1 ? Int(String(Substring(parts[1]))) : 0, exponent.magnitude <= 1000
        else { return nil }
        var zeros = exponent - fraction
        while zeros < 0, digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            zeros += 1
        }
        guard zeros >= 0, digits.count + zeros <= 19 else { return nil }
        digits += Array(repeating: UInt8(ascii: "0"), count: zeros)
        return Int64((isNegative ? "-" : "") + String(decoding: digits, as: UTF8.self))
    }

    /// The number, as near as a Double comes to it; nil beyond what that can hold.
    package var double: Double? {
        guard text.utf8.count <= JSONNumber.longest, let number = Double(text), number.isFinite else { return nil }
        return number
    }
}

extension JSONNumber: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    package init(integerLiteral number: Int64) { self.init(number) }

    package init(floatLiteral number: Double) { text = "\(number)" }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}

/// A name and its value in an object.
package struct JSONMember: Equatable, Sendable {
    package let name: String
    package let value: JSONValue

    package init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}
