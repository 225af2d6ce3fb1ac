package import MPushConfiguration
package import NIOCore

/// A request that an `HTTPClient` makes.
package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    package let method: Method
    package let url: HTTPURL
    /// Fields of the head beside Host, Content-Length and Connection, in their order. Names and values hold no line ends.
    package let fields: [(name: String, value: String)]
    package let body: ByteBuffer?

    package init(
        _ method: Method, _ url: HTTPURL, fields: [(name: String, value: String)], body: ByteBuffer? = nil
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
    }
}
