import MPushModel
import MPushRouting

extension ValueFormat<Pattern> {
    /// A regular expression.
    static var pattern: ValueFormat<Pattern> {
        ValueFormat.spelled("a string", example: "\"^ALARM\"") { text, _ throws(Misspelling) in
            if text.isEmpty { throw Misspelling("is empty. Write a regular expression, or leave the key out") }
            do throws(PatternError) {
                return try Pattern(text)
            } catch {
                throw Misspelling("is not a regular expression: \(error)")
            }
        }
    }
}

extension ValueFormat<Int64> {
    /// What a msgType is called (PROTOCOL.md section 4.4).
    private static let namedTypes: KeyValuePairs<String, Int64> = ["notification": 1, "message": 2, "both": 3]

    /// A msgType, by its name or its number.
    static var messageType: ValueFormat<Int64> {
        let example = namedTypes.map { "\"\($0.key)\"" }.joined(separator: ", ") + " or a number"
        let named = ValueFormat.spelled("a string", example: example) { text, _ throws(Misspelling) in
            if let type = namedTypes.first(where: { $0.key == text }) { return type.value }
            throw Misspelling("is not a message type. Write \(example)")
        }
        return ValueFormat(noun: "a message type", example: example) { node, site in
            if case .integer(let number) = node.value { return number }
            return named.read(node, site)
        }
    }
}

extension ValueFormat<[RouteFilter.Field]> {
    /// Fields that a message may be asked about, at most; one name within the other, at most.
    private static let (mostFields, deepest) = (32, 16)

    /// A table of fields and what each must be.
    static var equalFields: ValueFormat {
        fields(example: "{ kind = \"alarm\" }") { node, site in
            switch node.value {
            case .string(let text): return .equals(text)
            case .integer(let number): return .integer(number)
            case .float(let number) where number.isFinite: return .float(number)
            case .boolean(let truth): return .equals(String(truth))
            default:
                site.reportType(of: node, wanted: "a text, a number or a boolean", example: "\"alarm\"")
                return nil
            }
        }
    }

    /// A table of fields and the regular expression that must be found in each.
    static var matchingFields: ValueFormat {
        fields(example: "{ kind = \"^alarm\" }") { node, site in
            ValueFormat<Pattern>.pattern.read(node, site).map { .matches($0) }
        }
    }

    private static func fields(
        example: String, _ read: @escaping (TOMLNode, ReadingSite) -> RouteFilter.Test?
    ) -> ValueFormat {
        ValueFormat(noun: "a table", example: example) { node, site in
            guard case .table(let entries) = node.value else {
                site.reportType(of: node, wanted: "a table", example: example)
                return nil
            }
            let fields = fields(entries, below: [], site, read)
            guard fields.count <= mostFields else {
                site.report("has \(fields.count) fields. It may have \(mostFields).")
                return nil
            }
            return fields
        }
    }

    /// The fields of a table and of the tables in it. Dots in a name lead further in, as TOML's own do.
    private static func fields(
        _ entries: [TOMLEntry], below path: [String], _ site: ReadingSite,
        _ read: (TOMLNode, ReadingSite) -> RouteFilter.Test?
    ) -> [RouteFilter.Field] {
        entries.sorted { $0.keyPosition < $1.keyPosition }.flatMap { entry -> [RouteFilter.Field] in
            let names = path + entry.key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            let place = site.entry(entry)
            if names.contains("") || names.count > deepest {
                place.report("is not the name of a field. Write name, or \"outer.inner\" for a field of a field.")
                return []
            }
            if case .table(let children) = entry.node.value { return fields(children, below: names, place, read) }
            return read(entry.node, place).map { [RouteFilter.Field(path: names, test: $0)] } ?? []
        }
    }
}
