import MPushJSON
package import MPushModel

/// The parameters of a URL's query, decoded, each of them known and there once.
package struct QueryParameters: Sendable {
    private var values: [String: String] = [:]
    /// What the path names; nil where it names nothing.
    package private(set) var pathName: String?

    /// Reads `name=value&name=value`.
    package init(_ query: Substring, known: [String]) throws(Problem) {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decoded(parts[0], plusIsSpace: true),
                let value = PercentEncoding.decoded(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else {
                throw Problem(.badValue, "the query has a percent sign that does not begin an escape, or is not UTF-8")
            }
            guard known.contains(name) else {
                let names = known.isEmpty ? "none" : known.joined(separator: ", ")
                throw Problem(
                    .badValue, "the parameter \(name) is not known here. Known are: \(names)",
                    ["parameter": .string(name)])
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw Problem(.badValue, "the parameter \(name) is given twice", ["parameter": .string(name)])
            }
        }
    }

    /// The same, of a request whose path names `name`.
    package func naming(_ name: String?) -> QueryParameters {
        var parameters = self
        parameters.pathName = name
        return parameters
    }

    /// The value of the parameter `name`; nil where it is not there.
    package subscript(name: String) -> String? { values[name] }

    /// A whole number within `range`.
    package func number<Number: FixedWidthInteger>(
        _ name: String, in range: ClosedRange<Number>
    ) throws(Problem) -> Number? {
        guard let text = values[name] else { return nil }
        guard let number = Number(text), range.contains(number) else {
            throw wrong(name, "is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A time in RFC 3339.
    package func time(_ name: String) throws(Problem) -> WallTime? {
        guard let text = values[name] else { return nil }
        guard let time = WallTime(rfc3339: text) else {
            throw wrong(name, "is not a time such as 2026-11-22T10:11:12Z")
        }
        return time
    }

    /// One word of a closed list.
    package func word<Word: RawRepresentable & CaseIterable>(
        _ name: String, as type: Word.Type = Word.self
    ) throws(Problem) -> Word? where Word.RawValue == String {
        guard let text = values[name] else { return nil }
        guard let word = Word(rawValue: text) else {
            throw wrong(name, "is not one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }

    /// Whether something is wished: `name` alone, or with `true` or `false`.
    package func flag(_ name: String) throws(Problem) -> Bool {
        switch values[name] {
        case "", "true", "1": return true
        case nil, "false", "0": return false
        case _?: throw wrong(name, "is not true or false")
        }
    }

    /// The problem of a parameter.
    package func wrong(_ name: String, _ what: String) -> Problem {
        Problem(.badValue, "the parameter \(name) \(what)", ["parameter": .string(name)])
    }
}

/// Text for paths and queries (RFC 3986).
package enum PercentEncoding {
    /// `text` with all escaped but what is unreserved (section 2.3).
    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }

    /// `text` with its percent escapes resolved (RFC 3986 section 2.1); nil where one is broken, or the result is not UTF-8.
    package static func decoded(_ text: Substring, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.flatMap { UInt8(exactly: $0) }
    }
}
