import Foundation
import MPushControl
import MPushJSON
import MPushModel

/// config/openapi.json, and a checker for the part of JSON Schema that it uses.
struct OpenAPIFile {
    let json: JSONValue

    /// - Parameter path: another file with schemas, in `$defs`.
    init(_ path: String = "config/openapi.json") throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        json = try JSONParser.parse(Data(contentsOf: root.appending(path: path)))
    }

    func schema(_ name: String) -> JSONValue { (json["components"]?["schemas"] ?? json["$defs"])?[name] ?? .null }

    static func members(_ json: JSONValue?) -> [JSONMember] {
        guard case .object(let members)? = json else { return [] }
        return members
    }

    /// What is wrong with `value` as the schema of this name; a member that is not described is wrong as well.
    func faults(of value: JSONValue, as name: String) -> [String] { faults(value, schema(name), at: name) }

    func faults(_ value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        var faults: [String] = []
        for keyword in Self.members(schema) {
            switch keyword.name {
            case "$ref":
                let name = String((keyword.value.string ?? "").split(separator: "/").last ?? "")
                faults +=
                    self.schema(name) == .null
                    ? ["\(place): no schema \(name)"] : self.faults(value, self.schema(name), at: place)
            case "type":
                let types = keyword.value.array ?? [keyword.value]
                if !types.contains(where: { isType(value, $0.string ?? "") }) {
                    faults.append("\(place): not \(keyword.value.text)")
                }
            case "properties": faults += properties(value, schema, at: place)
            case "required":
                for name in keyword.value.array ?? [] where value[name.string ?? ""] == nil {
                    faults.append("\(place): no \(name.string ?? "")")
                }
            case "items":
                for (index, element) in (value.array ?? []).enumerated() {
                    faults += self.faults(element, keyword.value, at: "\(place)[\(index)]")
                }
            case "enum":
                if keyword.value.array?.contains(value) != true {
                    faults.append("\(place): \(value.text) is none of the enum")
                }
            case "const": if keyword.value != value { faults.append("\(place): not \(keyword.value.text)") }
            case "oneOf":
                let good = (keyword.value.array ?? []).filter { self.faults(value, $0, at: place).isEmpty }
                if good.count != 1 { faults.append("\(place): \(good.count) of oneOf") }
            case "anyOf":
                if (keyword.value.array ?? []).allSatisfy({ !self.faults(value, $0, at: place).isEmpty }) {
                    faults.append("\(place): none of anyOf")
                }
            case "not":
                if self.faults(value, keyword.value, at: place).isEmpty { faults.append("\(place): what must not be") }
            case "minimum":
                if let number = value.number, number < keyword.value.number ?? 0 {
                    faults.append("\(place): too small")
                }
            case "maximum":
                if let number = value.number, number > keyword.value.number ?? 0 {
                    faults.append("\(place): too large")
                }
            case "minLength":
                if let text = value.string, text.count < keyword.value.integer ?? 0 {
                    faults.append("\(place): too short")
                }
            case "maxLength":
                if let text = value.string, text.count > keyword.value.integer ?? 0 {
                    faults.append("\(place): too long")
                }
            case "minItems":
                if let list = value.array, list.count < keyword.value.integer ?? 0 {
                    faults.append("\(place): too few")
                }
            case "maxItems":
                if let list = value.array, list.count > keyword.value.integer ?? 0 {
                    faults.append("\(place): too many")
                }
            case "pattern":
                if let text = value.string, let pattern = keyword.value.string,
                    (try? Regex(pattern).firstMatch(in: text)) == nil
                {
                    faults.append("\(place): does not match \(pattern)")
                }
            case "format":
                if let text = value.string, WallTime(rfc3339: text) == nil { faults.append("\(place): no time") }
            case "description", "default", "contentEncoding", "additionalProperties": break
            default: faults.append("\(place): the checker does not know \(keyword.name)")
            }
        }
        return faults
    }

    private func properties(_ value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        Self.members(value).flatMap { member in
            schema["properties"]?[member.name].map { faults(member.value, $0, at: "\(place).\(member.name)") }
                ?? ["\(place).\(member.name): not described"]
        }
    }

    private func isType(_ value: JSONValue, _ type: String) -> Bool {
        switch (type, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool), ("number", .number),
            ("null", .null):
            true
        case ("integer", .number(let number)): number.isWhole
        default: false
        }
    }
}
