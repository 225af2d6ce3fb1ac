package import NIOCore

/// Asks the server to make an HTTP request for us (PROTOCOL.md section 4.7).
package struct HTTPProxyRequest: PacketBody {
    package var method: HTTPProxyMethod
    /// Absolute.
    package var uri: String
    package var headers: [HTTPProxyHeader]
    package var body: ByteBuffer

    package init(method: HTTPProxyMethod, uri: String, headers: [HTTPProxyHeader], body: ByteBuffer) {
        self.method = method
        self.uri = uri
        self.headers = headers
        self.body = body
    }

    package init(from reader: inout BodyReader) throws(WireError) {
        guard let method = HTTPProxyMethod(rawValue: try reader.readInteger("method")) else {
            throw .badValue(.httpProxy, field: "method")
        }
        self.method = method
        uri = try reader.readString("uri")
        headers = HTTPProxyHeader.parse(try reader.readString("headers"))
        body = try reader.readBytes("body")
    }

    package func write(to writer: inout BodyWriter) {
        writer.writeInteger(method.rawValue)
        writer.writeString(uri)
        writer.writeString(HTTPProxyHeader.text(of: headers))
        writer.writeBytes(body)
    }
}

/// What came of a proxied HTTP request (PROTOCOL.md section 4.7). The server makes 400, 408, 502, 503 and 504 itself.
package struct HTTPProxyAnswer: PacketBody {
    package var status: Int32
    package var reason: String
    package var headers: [HTTPProxyHeader]
    package var body: ByteBuffer

    package init(status: Int32, reason: String, headers: [HTTPProxyHeader], body: ByteBuffer) {
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body
    }

    package init(from reader: inout BodyReader) throws(WireError) {
        status = try reader.readInteger("status")
        reason = try reader.readWords("reason")
        headers = HTTPProxyHeader.parse(try reader.readString("headers"))
        body = try reader.readBytes("body")
    }

    package func write(to writer: inout BodyWriter) {
        writer.writeInteger(status)
        writer.writeString(reason)
        writer.writeString(HTTPProxyHeader.text(of: headers))
        writer.writeBytes(body)
    }
}

/// What the server is to do with the address of an HTTP_PROXY request (PROTOCOL.md section 4.7).
package enum HTTPProxyMethod: UInt8, Sendable, CaseIterable {
    case get = 0
    case post = 1
    case put = 2
    case delete = 3
}

/// One header of a proxied request or answer, and the text that carries them all (PROTOCOL.md section 2).
package struct HTTPProxyHeader: Equatable, Sendable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// The headers in `text`: lines of `name:value`, cut at the first colon. A line without a colon has no value.
    static func parse(_ text: String) -> [HTTPProxyHeader] {
        text.split(separator: "\n").map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return HTTPProxyHeader(name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
        }
    }

    static func text(of headers: [HTTPProxyHeader]) -> String {
        headers.map { "\($0.name):\($0.value)\n" }.joined()
    }
}
