import MPushJSON
import MPushModel

/// Reads the members of an object, and says in words what is missing or wrong. A member that is null is not there.
struct ObjectReader {
    private let json: JSONValue

    init(_ json: JSONValue) throws(ControlError) {
        guard case .object = json else { throw ControlError(at: "", "is not an object") }
        self.json = json
    }

    /// Throws where there is a member that is none of `names`, or one twice: a misspelling would go unseen.
    func allowOnly(_ names: String...) throws(ControlError) {
        guard case .object(let members) = json else { return }
        var seen: Set<String> = []
        for member in members {
            guard names.contains(member.name) else {
                throw ControlError(
                    at: "/" + member.name, "is not known here. Known are \(names.joined(separator: ", "))")
            }
            guard seen.insert(member.name).inserted else { throw ControlError(at: "/" + member.name, "is there twice") }
        }
    }

    func json(_ name: String) -> JSONValue? {
        let value = json[name]
        return value == .null ? nil : value
    }

    // MARK: - Members that may be missing

    func ifPresent<Value>(
        _ name: String, _ read: (JSONValue) -> Value?, _ kind: String
    ) throws(ControlError) -> Value? {
        guard let json = json(name) else { return nil }
        guard let value = read(json) else { throw ControlError(at: "/" + name, "is not \(kind)") }
        return value
    }

    func textIfPresent(_ name: String) throws(ControlError) -> String? { try ifPresent(name, \.string, "a string") }

    func truthIfPresent(_ name: String) throws(ControlError) -> Bool? { try ifPresent(name, \.bool, "true or false") }

    func numberIfPresent<Number: FixedWidthInteger>(_ name: String) throws(ControlError) -> Number? {
        try ifPresent(name, { $0.integer.flatMap { Number(exactly: $0) } }, "a whole number that fits")
    }

    func durationIfPresent(_ name: String) throws(ControlError) -> Duration? {
        try ifPresent(name, { Duration(secondsJSON: $0) }, "a number of seconds")
    }

    func timeIfPresent(_ name: String) throws(ControlError) -> WallTime? {
        try ifPresent(name, { $0.string.flatMap { WallTime(rfc3339: $0) } }, "a time such as 2026-11-22T10:11:12Z")
    }

    func wordIfPresent<Word: RawRepresentable & CaseIterable>(
        _ name: String, as word: Word.Type = Word.self
    ) throws(ControlError) -> Word? where Word.RawValue == String {
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        return try ifPresent(name, { $0.string.flatMap { Word(rawValue: $0) } }, "one of \(words)")
    }

    func valueIfPresent<Value: ControlValue>(_ name: String) throws(ControlError) -> Value? {
        guard let json = json(name) else { return nil }
        do throws(ControlError) { return try Value(json: json) } catch { throw error.inside(name) }
    }

    /// None where the member is missing.
    func texts(_ name: String) throws(ControlError) -> [String] {
        try ifPresent(name, { ObjectReader.all($0, \.string) }, "an array of strings") ?? []
    }

    /// None where the member is missing.
    func numbers(_ name: String) throws(ControlError) -> [Int64] {
        try ifPresent(name, { ObjectReader.all($0, \.integer) }, "an array of whole numbers") ?? []
    }

    /// None where the member is missing.
    func list<Value: ControlValue>(_ name: String) throws(ControlError) -> [Value] {
        let elements = try ifPresent(name, \.array, "an array") ?? []
        var values: [Value] = []
        for (index, element) in elements.enumerated() {
            do throws(ControlError) {
                values.append(try Value(json: element))
            } catch {
                throw error.inside(String(index)).inside(name)
            }
        }
        return values
    }

    /// An object of texts, such as the fields of an HTTP head; empty where the member is missing.
    func fields(_ name: String) throws(ControlError) -> [HeadField] {
        guard let json = json(name) else { return [] }
        guard case .object(let members) = json else { throw ControlError(at: "/" + name, "is not an object") }
        var fields: [HeadField] = []
        for member in members {
            guard let value = member.value.string else {
                throw ControlError(at: "/\(name)/\(member.name)", "is not a string")
            }
            fields.append(HeadField(name: member.name, value: value))
        }
        return fields
    }

    /// What `ObjectWriter.add(_:content:)` writes; nil where neither form is there.
    func contentIfPresent(_ name: String) throws(ControlError) -> MessageContent? {
        let text = try textIfPresent(name)
        let encoded = try ifPresent(name + "_base64", { $0.string.flatMap(Base64.decode) }, "base64")
        if text != nil, encoded != nil { throw ControlError(at: "/" + name, "is set together with \(name)_base64") }
        return text.map(MessageContent.init) ?? encoded.map(MessageContent.init)
    }

    // MARK: - Members that must be there

    func text(_ name: String) throws(ControlError) -> String { try present(name, textIfPresent(name)) }

    func truth(_ name: String) throws(ControlError) -> Bool { try present(name, truthIfPresent(name)) }

    func number<Number: FixedWidthInteger>(_ name: String) throws(ControlError) -> Number {
        try present(name, numberIfPresent(name))
    }

    func duration(_ name: String) throws(ControlError) -> Duration { try present(name, durationIfPresent(name)) }

    func time(_ name: String) throws(ControlError) -> WallTime { try present(name, timeIfPresent(name)) }

    func word<Word: RawRepresentable & CaseIterable>(_ name: String) throws(ControlError) -> Word
    where Word.RawValue == String {
        try present(name, wordIfPresent(name))
    }

    func value<Value: ControlValue>(_ name: String) throws(ControlError) -> Value {
        try present(name, valueIfPresent(name))
    }

    func content(_ name: String) throws(ControlError) -> MessageContent { try present(name, contentIfPresent(name)) }

    private func present<Value>(_ name: String, _ value: Value?) throws(ControlError) -> Value {
        guard let value else { throw ControlError(at: "/" + name, "is missing") }
        return value
    }

    private static func all<Element>(_ json: JSONValue, _ read: (JSONValue) -> Element?) -> [Element]? {
        guard let elements = json.array else { return nil }
        let values = elements.compactMap(read)
        return values.count == elements.count ? values : nil
    }
}

extension ObjectReader {
    /// The member `tags`. On the wire they are separated by commas (PROTOCOL section 4.3), so none can hold one.
    func tagsIfPresent() throws(ControlError) -> [String]? {
        guard json("tags") != nil else { return nil }
        let tags = try texts("tags")
        do throws(Misspelling) { try BindRules.check(tags: tags) } catch {
            throw ControlError(at: "/tags", error.message)
        }
        return tags
    }

    /// Fields for the head of an HTTP request: such as can be written on one line each.
    func headFields(_ name: String) throws(ControlError) -> [HeadField] {
        let fields = try fields(name)
        for field in fields {
            guard !field.name.isEmpty, field.name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }) else {
                throw ControlError(at: "/\(name)", "has a name that no HTTP field can have")
            }
            guard field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw ControlError(at: "/\(name)/\(field.name)", "has a control character in it")
            }
        }
        return fields
    }

    /// An absolute URL of HTTP.
    func httpURL(_ name: String) throws(ControlError) -> String {
        let url = try text(name)
        let lower = url.lowercased()
        guard lower.hasPrefix("http://") || lower.hasPrefix("https://"),
            url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw ControlError(at: "/" + name, "is not a URL that begins with http:// or https://") }
        return url
    }
}
