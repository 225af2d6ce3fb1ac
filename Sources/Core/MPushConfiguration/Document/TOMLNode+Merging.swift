import MPushModel

/// Several documents as one.
extension TOMLNode {
    /// This table with what `later` adds to it: tables are merged, tables of an array come after those that are there, and any
    /// other value takes the place of the one before.
    func merged(with later: TOMLNode) -> TOMLNode {
        guard case .table(var entries) = value, case .table(let others) = later.value else { return later }
        var places = Dictionary(
            entries.enumerated().map { ($0.element.key, $0.offset) }, uniquingKeysWith: { first, _ in first })
        for other in others {
            guard let place = places[other.key] else {
                places[other.key] = entries.count
                entries.append(other)
                continue
            }
            let before = entries[place]
            if case .table = before.node.value, case .table = other.node.value {
                entries[place] = TOMLEntry(
                    key: before.key, keyPosition: before.keyPosition, node: before.node.merged(with: other.node))
            } else if let tables = before.node.tables, let more = other.node.tables {
                entries[place] = TOMLEntry(
                    key: before.key, keyPosition: before.keyPosition,
                    node: TOMLNode(value: .array(tables + more), position: before.node.position))
            } else {
                entries[place] = other
            }
        }
        return TOMLNode(value: .table(entries), position: position)
    }

    /// The tables that stand here: one by itself, or an array of nothing else; nil where something else does.
    private var tables: [TOMLNode]? {
        switch value {
        case .table: return [self]
        case .array(let nodes):
            let isOfTables = nodes.allSatisfy { if case .table = $0.value { true } else { false } }
            return isOfTables && !nodes.isEmpty ? nodes : nil
        case .string, .integer, .float, .boolean, .dateOrTime: return nil
        }
    }

    /// The value as TOML, in a line.
    var toml: String {
        switch value {
        case .string(let text): TOMLNode.quoted(text)
        case .integer(let number): String(number)
        case .float(let number): String(number)
        case .boolean(let flag): String(flag)
        case .array(let nodes): "[\(nodes.map(\.toml).joined(separator: ", "))]"
        case .table(let entries):
            "{ \(entries.map { "\(TOMLNode.key($0.key)) = \($0.node.toml)" }.joined(separator: ", ")) }"
        case .dateOrTime: "\"\""
        }
    }

    private static func key(_ text: String) -> String {
        let isBare =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
        return isBare ? text : quoted(text)
    }

    /// A basic string: what cannot stand in one, and what steers a terminal, is escaped.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where String(scalar).isUnprintable:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
