package import MPushWire
package import NIOCore

/// Cuts what a client sends into heartbeats and frames with the real server's forbearance, where `FrameDecoder` is
/// strict: a negative length is an empty body, and a body that is too long is waited for to its end before it is refused
/// (PROTOCOL.md section 5). Such a body is counted, not kept.
package struct ClientStreamDecoder: Sendable {
    package enum Element: Equatable, Sendable {
        case heartbeat
        case frame(Frame)
        /// A body longer than the limit has arrived, or one of a length that the server cannot even add up.
        case oversize
    }

    private let maximumBody: Int
    private var pending = ByteBuffer()
    /// Bytes of an oversize body that are still to come.
    private var unwanted: Int?

    package init(maximumBody: Int) {
        self.maximumBody = maximumBody
    }

    /// Takes in bytes in the order in which they were read. Ask `next()` until it gives nil before the next call.
    package mutating func append(_ bytes: ByteBuffer) {
        if pending.readableBytes == 0 {
            pending = bytes
        } else {
            pending.writeImmutableBuffer(bytes)
        }
    }

    /// The next heartbeat or frame, nil when more bytes are needed. After `oversize` the decoder is of no more use.
    package mutating func next() -> Element? {
        if let unwanted { return skip(unwanted) }
        guard let first = pending.getInteger(at: pending.readerIndex, as: UInt8.self) else { return nil }
        if first == Frame.heartbeatByte {
            pending.moveReaderIndex(forwardBy: 1)
            return .heartbeat
        }
        guard pending.readableBytes >= Frame.headerLength,
            let length = pending.getInteger(at: pending.readerIndex, as: Int32.self)
        else { return nil }
        if length > Int32.max - Int32(Frame.headerLength) { return .oversize }
        if length > maximumBody {
            pending.moveReaderIndex(forwardBy: Frame.headerLength)
            return skip(Int(length))
        }
        return readFrame(bodyLength: max(0, Int(length))).map { .frame($0) }
    }

    private mutating func skip(_ count: Int) -> Element? {
        let here = min(count, pending.readableBytes)
        pending.moveReaderIndex(forwardBy: here)
        unwanted = count - here
        return unwanted == 0 ? .oversize : nil
    }

    private mutating func readFrame(bodyLength: Int) -> Frame? {
        guard pending.readableBytes >= Frame.headerLength + bodyLength else { return nil }
        pending.moveReaderIndex(forwardBy: 4)
        guard let command = pending.readInteger(as: UInt8.self), pending.readInteger(as: UInt16.self) != nil,
            let flags = pending.readInteger(as: UInt8.self), let number = pending.readInteger(as: Int32.self),
            pending.readInteger(as: UInt8.self) != nil, let body = pending.readSlice(length: bodyLength)
        else { return nil }
        return Frame(
            command: Command(rawValue: command), flags: PacketFlags(rawValue: flags), sessionID: number, body: body)
    }
}
