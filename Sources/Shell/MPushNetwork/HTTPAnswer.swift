package import NIOCore

/// The answer to an `HTTPRequest`.
package struct HTTPAnswer: Sendable {
    package let status: Int
    /// `Service Unavailable`, as the server worded it, within bounds.
    package let reason: String
    /// Fields of the head, in their order.
    package let fields: [(name: String, value: String)]
    /// Empty where it was not asked for.
    package var body = ByteBuffer()

    /// The first value of the field `name`, in any case.
    package func field(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
