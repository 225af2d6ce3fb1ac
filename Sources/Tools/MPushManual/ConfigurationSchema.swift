package import MPushJSON

/// The configuration as a JSON Schema (draft 2020-12), for editors that know TOML: the keys and their words from the commented
/// example, what has to be there from the reading code.
package struct ConfigurationSchema {
    /// A key of the example.
    private struct Entry {
        let path: String
        let words: String
        let value: JSONValue
        let hasDefault: Bool
    }

    private let entries: [Entry]
    private let required: Set<String>

    /// What may be one value or several, whichever the example shows.
    private static let repeatable: Set<String> = [
        "server.public_key", "route.when.type", "route.when.user", "route.when.identity",
    ]
    /// What may be a number or a name.
    private static let numbered: Set<String> = ["api.group", "route.when.type"]
    /// Tables that may be there more than once.
    private static let several: Set<String> = ["identity", "route"]

    /// - Parameters:
    ///   - text: the commented example.
    ///   - required: the keys, with their tables, without which there is no configuration.
    package init(_ text: String, required: Set<String>) {
        self.required = required
        var entries: [Entry] = []
        var table = ""
        for block in text.split(separator: "\n\n") {
            var words: [String] = []
            var isInKeys = false
            for line in block.split(separator: "\n") {
                if let heading = ConfigurationSections.heading(line) {
                    table = heading.filter { $0 != "[" && $0 != "]" }
                    words = []
                } else if let (key, value) = ConfigurationSections.assignment(line) {
                    isInKeys = true
                    let path = "\(table).\(key)"
                    guard !entries.contains(where: { $0.path == path }) else { continue }
                    let lines = words.filter { !$0.hasPrefix("(no default") }
                    entries.append(
                        Entry(
                            path: path, words: lines.joined(separator: " "), value: ConfigurationSchema.value(value),
                            hasDefault: line.hasPrefix("#") && lines.count == words.count))
                } else {
                    if isInKeys { words = [] }
                    isInKeys = false
                    words.append(String(line.drop { $0 == "#" }.dropFirst()))
                }
            }
        }
        self.entries = entries
    }

    /// TOML writes most values as JSON does; what is left are tables.
    private static func value(_ text: String) -> JSONValue {
        if let value = try? JSONParser.parse(Array(text.utf8)) { return value }
        return .object([] as [JSONMember])
    }

    /// The schema.
    package var json: JSONValue {
        let tables = entries.map { $0.path.split(separator: ".").first.map(String.init) ?? "" }
        var seen: Set<String> = []
        let names = tables.filter { seen.insert($0).inserted }
        return .object([
            "$schema": .string("https://json-schema.org/draft/2020-12/schema"),
            "title": .string("The configuration of mpushd, see mpushd.toml(5)"),
            "type": .string("object"),
            "properties": .object(names.map { JSONMember($0, top($0)) }),
            "additionalProperties": .bool(false),
        ])
    }

    private func top(_ name: String) -> JSONValue {
        let table = table(name)
        guard ConfigurationSchema.several.contains(name) else { return table }
        let list = JSONValue.object(["type": .string("array"), "items": table])
        return .object(["anyOf": .array([list, table])])
    }

    private func table(_ name: String) -> JSONValue {
        let own = entries.filter { $0.path.hasPrefix(name + ".") && !$0.path.dropFirst(name.count + 1).contains(".") }
        let below = Set(
            entries.compactMap { entry -> String? in
                let rest = entry.path.dropFirst(name.count + 1)
                guard entry.path.hasPrefix(name + "."), let dot = rest.firstIndex(of: ".") else { return nil }
                return String(rest[..<dot])
            })
        let members =
            own.map { JSONMember(String($0.path.dropFirst(name.count + 1)), schema(of: $0)) }
            + below.sorted().map { JSONMember($0, self.table("\(name).\($0)")) }
        let needed = own.map(\.path).filter(required.contains).map { String($0.dropFirst(name.count + 1)) }
        return .object([
            "type": .string("object"),
            "properties": .object(members),
            "required": needed.isEmpty ? nil : .array(needed.map(JSONValue.string)),
            "additionalProperties": .bool(false),
        ])
    }

    private func schema(of entry: Entry) -> JSONValue {
        let form = form(of: entry)
        var members: [JSONMember] = [JSONMember("description", .string(entry.words))]
        if case .object(let more) = form { members += more }
        members.append(
            entry.hasDefault ? JSONMember("default", entry.value) : JSONMember("examples", .array([entry.value])))
        return .object(members)
    }

    private func form(of entry: Entry) -> JSONValue {
        var one = ConfigurationSchema.form(of: entry.value)
        if ConfigurationSchema.repeatable.contains(entry.path), case .array(let values) = entry.value,
            let first = values.first
        {
            one = ConfigurationSchema.form(of: first)
        }
        if ConfigurationSchema.numbered.contains(entry.path) {
            one = .object(["type": .array([.string("string"), .string("integer")])])
        }
        guard ConfigurationSchema.repeatable.contains(entry.path) else { return one }
        return .object(["anyOf": .array([one, .object(["type": .string("array"), "items": one])])])
    }

    private static func form(of value: JSONValue) -> JSONValue {
        switch value {
        case .bool: .object(["type": .string("boolean")])
        case .number: .object(["type": .string("integer")])
        case .array(let values):
            .object(["type": .string("array"), "items": values.first.map(form) ?? .object(["type": .string("string")])])
        case .object, .null: .object(["type": .string("object")])
        case .string: .object(["type": .string("string")])
        }
    }

    /// The schema as a file: a line for each member, so that a change is seen.
    package var text: String { ConfigurationSchema.lines(json, "") + "\n" }

    private static func lines(_ value: JSONValue, _ indent: String) -> String {
        guard case .object(let members) = value, !members.isEmpty else { return value.text }
        let inner = indent + "  "
        let lines = members.map { "\(inner)\(JSONValue.string($0.name).text): \(self.lines($0.value, inner))" }
        return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
    }
}
