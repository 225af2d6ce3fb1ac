package import NIOCore

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
        reason = try reader.readString("reason")
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
