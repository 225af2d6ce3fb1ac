import Foundation
import MPushJSON
import MPushManual
import MPushModel
import MPushTestSupport
import Testing

@testable import MPushConfiguration

/// docs/mpushd.schema.json, by which editors complete and judge a configuration: what the daemon reads, no more and no less.
@Suite struct ConfigurationSchemaTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOf: ManualTests.project.appending(path: path), encoding: .utf8)
    }

    private static func schema() throws -> JSONValue {
        try JSONParser.parse(Array(text("docs/mpushd.schema.json").utf8))
    }

    @Test func theFileIsWhatTheManualMakes() throws {
        let outcome = try BuiltProgram.run(
            "mpush-manual", ["schema", ManualTests.project.appending(path: "config/mpushd.toml").path])
        #expect(try outcome.output == Self.text("docs/mpushd.schema.json"), "make documents")
    }

    @Test func everyKeyIsInIt() throws {
        let found = Set(Self.paths(try Self.schema()))
        #expect(found == Set(ConfigurationKey.all.map(\.path)))
    }

    private static func paths(_ schema: JSONValue, _ path: String = "") -> [String] {
        if let choice = schema["anyOf"]?.array?.last, choice["properties"] != nil { return paths(choice, path) }
        guard case .object(let members)? = schema["properties"] else { return [path] }
        return members.flatMap { paths($0.value, path.isEmpty ? $0.name : "\(path).\($0.name)") }
    }

    @Test(arguments: ["config/mpushd.toml", "config/mpushd.minimal.toml"])
    func theExamplesAreGood(path: String) throws {
        #expect(Self.complaints(try Self.document(Self.text(path)), try Self.schema()) == [])
    }

    /// Every key of the example at once.
    @Test func everyExampleIsGood() throws {
        let lines = try Self.text("config/mpushd.toml").split(separator: "\n").map { line in
            line.wholeMatch(of: /#(\w+ = .*|\[+[\w.]+\]+)/).map { String($0.1) } ?? String(line)
        }
        #expect(Self.complaints(try Self.document(lines.joined(separator: "\n")), try Self.schema()) == [])
    }

    @Test(arguments: [
        ("[server]\nendpoint = []\npublic_key = \"x\"", "server.endpoint"), ("[server]\nendpoints = []", "public_key"),
        ("[log]\nlevel = 3", "log.level"), ("[[identity]]\nname = \"x\"", "user"), ("nothing = 1", "nothing"),
        ("[server]\npublic_key = [1]", "public_key"),
    ])
    func whatIsWrongIsFound(text: String, named: String) throws {
        let found = Self.complaints(try Self.document(text), try Self.schema())
        #expect(found.contains { $0.contains(named) }, "\(found)")
    }

    // MARK: - As much of JSON Schema as there is in it

    private static func document(_ text: String) throws -> JSONValue {
        json(try TOMLDocument.parse(Array(text.utf8), file: "f"))
    }

    private static func json(_ node: TOMLNode) -> JSONValue {
        switch node.value {
        case .table(let entries): .object(entries.map { JSONMember($0.key, json($0.node)) })
        case .array(let nodes): .array(nodes.map(json))
        case .string(let text): .string(text)
        case .integer(let number): .integer(number)
        case .float(let number): .double(number)
        case .boolean(let truth): .bool(truth)
        case .dateOrTime: .null
        }
    }

    private static func complaints(_ value: JSONValue, _ schema: JSONValue, at path: String = "") -> [String] {
        if let choices = schema["anyOf"]?.array {
            let all = choices.map { complaints(value, $0, at: path) }
            return all.contains([]) ? [] : all.flatMap(\.self)
        }
        let types = schema["type"]?.array?.compactMap(\.string) ?? [schema["type"]?.string].compactMap(\.self)
        guard types.contains(type(of: value)) else { return ["\(path): \(type(of: value)), not \(types)"] }
        switch value {
        case .array(let elements): return elements.flatMap { complaints($0, schema["items"] ?? .null, at: path) }
        case .object(let members):
            guard schema["properties"] != nil else { return [] }
            let missing = (schema["required"]?.array ?? []).compactMap(\.string).filter { value[$0] == nil }
            return missing.map { "\(path): \($0) is missing" }
                + members.flatMap { member -> [String] in
                    let name = path.isEmpty ? member.name : "\(path).\(member.name)"
                    guard let known = schema["properties"]?[member.name] else { return ["\(name): no such key"] }
                    return complaints(member.value, known, at: name)
                }
        case .null, .bool, .number, .string: return []
        }
    }

    private static func type(of value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "boolean"
        case .number: "integer"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
