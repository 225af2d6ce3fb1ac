import MPushJSON
import MPushModel

/// Collects the members of an object, in their order; what is nil is left out.
struct ObjectWriter {
    private var members: [JSONMember] = []

    var json: JSONValue { .object(members) }

    mutating func add(_ name: String, json value: JSONValue?) {
        if let value { members.append(JSONMember(name, value)) }
    }

    mutating func add(_ name: String, _ text: String?) { add(name, json: text.map(JSONValue.string)) }

    mutating func add(_ name: String, _ truth: Bool?) { add(name, json: truth.map(JSONValue.bool)) }

    mutating func add(_ name: String, _ number: (some FixedWidthInteger)?) {
        add(name, json: number.map { .integer(Int64(clamping: $0)) })
    }

    mutating func add(_ name: String, _ duration: Duration?) { add(name, json: duration?.secondsJSON) }

    mutating func add(_ name: String, _ time: WallTime?) { add(name, time?.rfc3339) }

    mutating func add(_ name: String, _ texts: [String]) { add(name, json: .array(texts.map(JSONValue.string))) }

    mutating func add(_ name: String, _ value: (some ControlValue)?) { add(name, json: value?.json) }

    mutating func add(_ name: String, _ values: [some ControlValue]) { add(name, json: .array(values.map(\.json))) }

    /// Content as text where it is UTF-8, else in base64 as `name_base64`.
    mutating func add(_ name: String, content: MessageContent) {
        if let text = content.text { add(name, text) } else { add(name + "_base64", Base64.encode(content.bytes)) }
    }
}

extension Duration {
    /// The longest duration that is read: some 30,000 years.
    private static let longest = 1e12

    /// In seconds, to the microsecond; without a fraction where there is none.
    var secondsJSON: JSONValue {
        let (seconds, attoseconds) = components
        let microseconds = attoseconds / 1_000_000_000_000
        return microseconds == 0 ? .integer(seconds) : .double(Double(seconds) + Double(microseconds) / 1e6)
    }

    /// Reads seconds; nil for what is no number, or absurd.
    init?(secondsJSON json: JSONValue) {
        guard let seconds = json.number, seconds.magnitude <= Duration.longest else { return nil }
        self = .microseconds(Int64((seconds * 1e6).rounded()))
    }
}
