package import MPushSecret
import MPushTime
package import NIOCore

/// Writes the fields of a body in their order (PROTOCOL.md section 2).
package struct BodyWriter {
    /// The length that says that four more bytes of length follow.
    static let longestShort = 32_767

    /// What was written so far.
    package private(set) var body = ByteBuffer()

    package init() {}

    package mutating func writeInteger(_ value: some FixedWidthInteger) {
        body.writeInteger(value)
    }

    /// Milliseconds in an int32, held to what it can say.
    package mutating func writeDuration(_ duration: Duration) {
        body.writeInteger(Int32(clamping: duration.wholeMilliseconds))
    }

    package mutating func writeBytes(_ bytes: ByteBuffer) {
        writeLength(bytes.readableBytes)
        body.writeImmutableBuffer(bytes)
    }

    package mutating func writeString(_ text: String) {
        writeLength(text.utf8.count)
        body.writeString(text)
    }

    package mutating func writeSecret(_ secret: SecretBytes) {
        writeLength(secret.count)
        secret.forEach { body.writeInteger($0) }
    }

    private mutating func writeLength(_ length: Int) {
        if length < BodyWriter.longestShort {
            body.writeInteger(Int16(truncatingIfNeeded: length))
        } else {
            body.writeInteger(Int16.max)
            body.writeInteger(Int32(clamping: length - BodyWriter.longestShort))
        }
    }
}
