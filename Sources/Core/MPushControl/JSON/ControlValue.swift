package import MPushJSON

/// A value that goes over the local API, with its one form in JSON: names in snake_case, durations as seconds in members
/// that end in `_seconds`, times in RFC 3339 and UTC. What is nil is left out. Answers are read leniently: a member that
/// is not known is passed over, so that an older `mpushctl` understands a newer daemon. Requests are read strictly.
package protocol ControlValue: Equatable, Sendable {
    /// Reads the value from its JSON; throws what is missing or wrong, in words.
    init(json: JSONValue) throws(ControlError)
    /// The value as JSON.
    var json: JSONValue { get }
}

/// What is wrong with the JSON of a value.
package struct ControlError: Error, Equatable, Sendable {
    /// Where, as a JSON pointer (RFC 6901); empty for the whole text.
    package let pointer: String
    /// What is wrong, in words that follow the pointer: `is missing`.
    package let message: String

    package init(at pointer: String, _ message: String) {
        self.pointer = pointer
        self.message = message
    }

    /// The same error, seen from the value that has the other one as its member `name`.
    func inside(_ name: String) -> ControlError { ControlError(at: "/\(name)\(pointer)", message) }
}

extension ControlError: CustomStringConvertible {
    package var description: String { "\(pointer.isEmpty ? "the value" : pointer) \(message)" }
}

/// Bytes that are text most of the time: in JSON a string where they are UTF-8, else base64.
package struct MessageContent: Equatable, Sendable {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The UTF-8 of `text`.
    package init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The bytes as text; nil where they are not UTF-8.
    package var text: String? { String(validating: bytes, as: UTF8.self) }
}

/// A field of an HTTP head. In JSON the fields are the members of an object.
package struct HeadField: Equatable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
