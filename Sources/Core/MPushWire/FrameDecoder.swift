package import NIOCore

/// Cuts the bytes of a connection into heartbeats and frames, whatever way they were split or joined on their journey.
///
/// A frame's length is checked as soon as its first four bytes are there, before any of its body is kept. What is kept
/// is at most one incomplete frame; between frames nothing is, so an idle connection holds no buffer.
package struct FrameDecoder: Sendable {
    /// One thing that the peer sent.
    package enum Element: Equatable, Sendable {
        case heartbeat
        case frame(Frame)
        /// A frame whose body is longer than what is accepted, and is skipped as it comes: `frame` has none.
        case skipped(Frame, length: Int)
    }

    /// Longer frames than these are no frames: four letters of another protocol are a length of a gigabyte and more.
    package static let longestSkipped = 256 << 20
    /// What these bring concerns one message or one answer, and the connection can do without it.
    private static let skippable: Set<Command> = [.push, .httpProxy]

    /// The longest body that is accepted, in bytes.
    package let maximumBody: Int
    private var pending: ByteBuffer?
    /// How much of a body is yet to come that is skipped.
    private var skipping = 0

    /// A decoder at the beginning of a connection.
    package init(maximumBody: Int) {
        self.maximumBody = maximumBody
    }

    /// How many bytes of an incomplete frame are kept.
    package var bufferedBytes: Int { pending?.readableBytes ?? 0 }

    /// Takes in bytes in the order in which they were read. Ask `next()` until it gives nil before the next call.
    package mutating func append(_ bytes: ByteBuffer) {
        var bytes = bytes
        skip(of: &bytes)
        guard bytes.readableBytes > 0 else { return }
        if pending == nil {
            pending = bytes
        } else {
            pending?.writeImmutableBuffer(bytes)
        }
    }

    /// The next heartbeat or frame, nil when more bytes are needed. After an error the decoder is of no more use.
    ///
    /// A body is a slice of the bytes that were appended: copy it to keep it for long.
    package mutating func next() throws(WireError) -> Element? {
        guard let length = try nextLength() else { return nil }
        guard length >= 0 else {
            pending?.moveReaderIndex(forwardBy: 1)
            dropWhenEmpty()
            return .heartbeat
        }
        guard length <= maximumBody else { return try skipFrame(length) }
        guard let frame = readFrame(bodyLength: length) else {
            keepOnlyWhatIsNeeded(bodyLength: length)
            return nil
        }
        dropWhenEmpty()
        return .frame(frame)
    }

    /// The length of the next frame's body, -1 for a heartbeat, nil when it is not there yet.
    private func nextLength() throws(WireError) -> Int? {
        guard let pending, let first = pending.getInteger(at: pending.readerIndex, as: UInt8.self) else { return nil }
        if first == Frame.heartbeatByte { return -1 }
        if first >= 0x80, pending.readableBytes < 4 {
            throw .negativeLength(Int32(truncatingIfNeeded: UInt32(first) << 24))
        }
        guard let length = pending.getInteger(at: pending.readerIndex, as: Int32.self) else { return nil }
        guard length >= 0 else { throw .negativeLength(length) }
        return Int(length)
    }

    /// Reads the header of a frame that is too long, as soon as it is there.
    private mutating func skipFrame(_ length: Int) throws(WireError) -> Element? {
        let tooLong = WireError.bodyTooLong(length: length, maximum: maximumBody)
        guard length <= FrameDecoder.longestSkipped else { throw tooLong }
        guard var bytes = pending, let command = bytes.getInteger(at: bytes.readerIndex + 4, as: UInt8.self)
        else { return nil }
        guard FrameDecoder.skippable.contains(Command(rawValue: command)) else { throw tooLong }
        guard let header = readFrame(bodyLength: 0) else { return nil }
        pending = nil
        bytes.moveReaderIndex(forwardBy: Frame.headerLength)
        skipping = length
        skip(of: &bytes)
        if bytes.readableBytes > 0 { pending = bytes }
        return .skipped(header, length: length)
    }

    private mutating func skip(of bytes: inout ByteBuffer) {
        let count = min(skipping, bytes.readableBytes)
        bytes.moveReaderIndex(forwardBy: count)
        skipping -= count
    }

    private mutating func readFrame(bodyLength: Int) -> Frame? {
        guard var bytes = pending, bytes.readableBytes >= Frame.headerLength + bodyLength else { return nil }
        pending = nil
        defer { pending = bytes }
        bytes.moveReaderIndex(forwardBy: 4)
        guard let command = bytes.readInteger(as: UInt8.self), bytes.readInteger(as: UInt16.self) != nil,
            let flags = bytes.readInteger(as: UInt8.self), let sessionID = bytes.readInteger(as: Int32.self),
            bytes.readInteger(as: UInt8.self) != nil, let body = bytes.readSlice(length: bodyLength)
        else { return nil }
        return Frame(
            command: Command(rawValue: command), flags: PacketFlags(rawValue: flags), sessionID: sessionID, body: body)
    }

    private mutating func dropWhenEmpty() {
        if pending?.readableBytes == 0 { pending = nil }
    }

    /// Lets go of the bytes already read, and makes room for the rest of the frame in one go.
    private mutating func keepOnlyWhatIsNeeded(bodyLength: Int) {
        guard let bytes = pending, bytes.readerIndex > 0 else { return }
        var kept = ByteBuffer()
        kept.reserveCapacity(Frame.headerLength + bodyLength)
        kept.writeImmutableBuffer(bytes)
        pending = kept
    }
}

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
        case .bodyTooLong(let length, let maximum):
            WireError.foreignProtocol(beginningWith: length)
                ?? "a body of \(length) bytes, the limit is \(maximum)"
        case .truncatedBody(let command, let field): "\(command): the field \(field) runs past the body"
        case .badValue(let command, let field): "\(command): the field \(field) has a value without a meaning"
        }
    }

    /// The first four bytes of an answer, read as a length, that belong to another protocol.
    private static func foreignProtocol(beginningWith length: Int) -> String? {
        if length == 0x4854_5450 { return "the answer is HTTP: a web server or a captive portal, not MPush" }
        // A record of TLS: an alert or a handshake of version 3 (RFC 8446 section 5.1).
        if [0x1503, 0x1603].contains(length >> 16) { return "the answer is TLS: the port is one for TLS" }
        return nil
    }
}
