/// What the peer sent, or what we were about to send, is not in the protocol. Always the end of the connection.
package enum WireError: Error, Equatable, Sendable {
    /// A frame's length field is negative.
    case negativeLength(Int32)
    /// A body is longer than what we accept, or than a frame can hold. Bytes.
    case bodyTooLong(length: Int, maximum: Int)
    /// A field's length is negative or runs past the body.
    case truncatedBody(Command, field: String)
    /// A heartbeat answer, method number or other value that has no meaning.
    case badValue(Command, field: String)
}

extension WireError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .negativeLength(let length): "a frame of \(length) bytes"
        case .bodyTooLong(let length, let maximum): "a body of \(length) bytes, the limit is \(maximum)"
        case .truncatedBody(let command, let field): "\(command): the field \(field) runs past the body"
        case .badValue(let command, let field): "\(command): the field \(field) has a value without a meaning"
        }
    }
}
