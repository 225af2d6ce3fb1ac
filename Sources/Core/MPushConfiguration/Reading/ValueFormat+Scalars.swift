import MPushModel

extension ValueFormat<Bool> {
    /// true or false.
    static var flag: ValueFormat<Bool> {
        ValueFormat(noun: "a boolean", example: "true or false") { node, site in
            guard case .boolean(let flag) = node.value else {
                site.reportType(of: node, wanted: "a boolean", example: "true or false")
                return nil
            }
            return flag
        }.written { "\($0)" }
    }
}

extension ValueFormat<Int> {
    /// A whole number within `bounds`.
    static func count(in bounds: ClosedRange<Int>) -> ValueFormat {
        let example = "a number from \(bounds.lowerBound) to \(bounds.upperBound), without quotes"
        return ValueFormat(noun: "an integer", example: example) { node, site in
            guard case .integer(let number) = node.value else {
                site.reportType(of: node, wanted: "an integer", example: example)
                return nil
            }
            guard let count = Int(exactly: number), bounds.contains(count) else {
                site.report("\(number) is out of bounds: \(bounds.lowerBound) to \(bounds.upperBound).")
                return nil
            }
            return count
        }.written { "\($0)" }
    }

    /// A size in bytes within `bounds`: a text with its unit, or a bare number of bytes.
    static func size(in bounds: ClosedRange<Int>) -> ValueFormat {
        let example = "\"64KiB\""
        return ValueFormat(noun: "a size", example: example) { node, site in
            guard let bytes = bytes(node, site, example: example) else { return nil }
            guard bounds.contains(bytes) else {
                let (least, most) = (ByteCount.spelled(bounds.lowerBound), ByteCount.spelled(bounds.upperBound))
                site.report("\(node.shown) is out of bounds: \(least) to \(most).")
                return nil
            }
            return bytes
        }.written { ByteCount.spelled($0).asTOML }
    }

    private static func bytes(_ node: TOMLNode, _ site: ReadingSite, example: String) -> Int? {
        if case .integer(let number) = node.value { return Int(exactly: number) }
        let parsed = ValueFormat.spelled("a size", example: example) { text, _ throws(Misspelling) in
            try ByteCount.parse(text)
        }
        return parsed.read(node, site)
    }
}

extension ValueFormat<Duration> {
    /// A duration within `bounds`.
    static func duration(in bounds: ClosedRange<Duration>) -> ValueFormat {
        let spelled = ValueFormat.spelled("a duration", example: "\"30s\"") { text, site throws(Misspelling) in
            let duration = try Duration(parsing: text)
            guard bounds.contains(duration) else {
                let (least, most) = (bounds.lowerBound.spelled, bounds.upperBound.spelled)
                throw Misspelling("is out of bounds: \(least) to \(most)")
            }
            return duration
        }
        return ValueFormat(noun: spelled.noun, example: spelled.example) { node, site in
            guard case .integer(let number) = node.value, number > 0 else { return spelled.read(node, site) }
            site.reportType(of: node, wanted: "a duration", example: "\"\(number)s\"")
            return nil
        }.written { $0.spelled.asTOML }
    }
}

extension ValueFormat<PingInterval> {
    /// `auto`, or a duration within `bounds`.
    static func pingInterval(in bounds: ClosedRange<Duration>) -> ValueFormat {
        let duration = ValueFormat<Duration>.duration(in: bounds)
        return ValueFormat(noun: duration.noun, example: duration.example) { node, site in
            guard case .string(let text) = node.value else { return duration.read(node, site).map(PingInterval.every) }
            if text == "auto" { return .learnt }
            // A word, and no number with a unit.
            guard let first = text.utf8.first, first.isLetter else {
                return duration.read(node, site).map(PingInterval.every)
            }
            site.report("\(text.quoted) is not known. Write \"auto\", or a duration such as \"55s\".")
            return nil
        }
    }
}

extension ValueFormat where Value: RawRepresentable<String> & CaseIterable {
    /// One of the words that name the cases of `Value`.
    static var choice: ValueFormat {
        let quoted = Value.allCases.map { "\"\($0.rawValue)\"" }
        let example = quoted.dropLast().joined(separator: ", ") + " or " + (quoted.last ?? "")
        return .spelled("a string", example: example) { text, _ throws(Misspelling) in
            if let value = Value(rawValue: text) { return value }
            throw Misspelling("is not known. Write \(example)")
        }.written { $0.rawValue.asTOML }
    }
}
