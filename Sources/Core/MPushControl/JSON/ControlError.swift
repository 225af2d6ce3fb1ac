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
