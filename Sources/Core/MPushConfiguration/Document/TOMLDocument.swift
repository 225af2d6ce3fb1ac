import CToml
import MPushModel

/// A TOML 1.0 text as values with their positions.
enum TOMLDocument {
    /// The longest text that is read: 1 MiB, some hundred times what a large configuration needs.
    static let longestText = 1 << 20

    /// Reads `text` and returns its root table; positions in it say that they are in `file`.
    static func parse(_ text: [UInt8], file: String? = nil) throws(TOMLSyntaxError) -> TOMLNode {
        try checkBounds(of: text)
        guard let document = ctoml_parse(text, text.count) else {
            throw TOMLSyntaxError(position: .start, message: "not enough memory to read it")
        }
        defer { ctoml_free(document) }
        let error = ctoml_error(document)
        if error.length > 0 {
            throw TOMLSyntaxError(
                position: TextPosition(ctoml_error_position(document)), message: explained(String(error)))
        }
        var count = 0
        // A copy, whose indices are checked. Its texts live as long as the document: none is kept.
        let nodes = Array(UnsafeBufferPointer(start: ctoml_nodes(document, &count), count: count))
        return nodes.isEmpty ? TOMLNode(value: .table([]), position: .start) : TOMLNode(nodes, at: 0, in: file)
    }

    /// What toml++ 3.3 does not check, or not well.
    private static func checkBounds(of text: [UInt8]) throws(TOMLSyntaxError) {
        if text.count > longestText {
            throw TOMLSyntaxError(
                position: .start, message: "longer than 1 MiB, the limit for a configuration")
        }
        if let line = firstLineNotUTF8(in: text) {
            throw TOMLSyntaxError(
                position: TextPosition(line: line, column: 1), message: "this line is not UTF-8. Save the file as UTF-8"
            )
        }
        if let line = DottedKeyScan.lineWithTooManyDots(in: text) {
            throw TOMLSyntaxError(
                position: TextPosition(line: line, column: 1),
                message: "more than \(DottedKeyScan.mostDots) dots outside of quotes, more than any key has")
        }
    }

    private static func firstLineNotUTF8(in text: [UInt8]) -> Int? {
        if String(validating: text, as: UTF8.self) != nil { return nil }
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
        return index.map { $0 + 1 }
    }

    /// The parser's words, with what is most often meant where they are its commonest two.
    private static func explained(_ message: String) -> String {
        let prefix = "Error while parsing "
        // The words quote what stands in the file.
        let text = (message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message).shown(atMost: .max)
        if text.hasSuffix("could not determine value type") {
            return text + ". Write texts, durations and sizes in quotes: \"30s\""
        }
        if text.hasPrefix("decimal integer: expected digit") || text.hasPrefix("floating-point: expected digit") {
            return text + ". Write durations and sizes in quotes: \"30s\", \"1MiB\""
        }
        return text
    }
}

extension TextPosition {
    static let start = TextPosition(line: 1, column: 1)

    fileprivate init(_ position: ctoml_position, in file: String? = nil) {
        self.init(line: Int(position.line), column: Int(position.column), file: file)
    }
}

extension String {
    fileprivate init(_ text: ctoml_text) {
        let bytes = UnsafeRawBufferPointer(start: text.bytes, count: text.bytes == nil ? 0 : text.length)
        self.init(decoding: bytes, as: UTF8.self)
    }
}

extension TOMLNode {
    /// Node `index` of `nodes` with all that is below it. Children come after their parent, and DottedKeyScan and the
    /// parser bound the depth.
    fileprivate init(_ nodes: [ctoml_node], at index: Int, in file: String?) {
        let node = nodes[index]
        let children = node.first_child..<node.first_child + node.child_count
        position = TextPosition(node.position, in: file)
        value =
            switch node.kind {
            case CTOML_TABLE: .table(children.map { TOMLEntry(nodes, at: $0, in: file) })
            case CTOML_ARRAY: .array(children.map { TOMLNode(nodes, at: $0, in: file) })
            case CTOML_STRING: .string(String(node.string))
            case CTOML_INTEGER: .integer(node.integer)
            case CTOML_FLOAT: .float(node.floating)
            case CTOML_BOOLEAN: .boolean(node.boolean)
            default: .dateOrTime
            }
    }
}

extension TOMLEntry {
    fileprivate init(_ nodes: [ctoml_node], at index: Int, in file: String?) {
        key = String(nodes[index].key)
        keyPosition = TextPosition(nodes[index].key_position, in: file)
        node = TOMLNode(nodes, at: index, in: file)
    }
}
