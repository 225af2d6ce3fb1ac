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
