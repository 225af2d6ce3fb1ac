import NIOCore

/// What one end sends: `acknowledged` <= `sent` <= `queued`, and the end after it, which counts as a byte.
struct SentStream {
    private var chunks = CircularBuffer<ByteBuffer>(initialCapacity: 4)
    private var acknowledged: Int64 = 0
    private var sent: Int64 = 0
    private var queued: Int64 = 0
    /// Where `sent` stands in `chunks`.
    private var place = (index: 0, offset: 0)
    /// Whether nothing comes after what is queued.
    var isFinished = false

    private static let usualSegment = 1460

    private var end: Int64 { queued + (isFinished ? 1 : 0) }
    /// How many bytes wait to be acknowledged.
    var waiting: Int { Int(queued - min(acknowledged, queued)) }
    var isDone: Bool { acknowledged == end }
    var isInFlight: Bool { sent > acknowledged }

    /// Bytes to be sent. What was not sent yet goes with them, as far as one packet takes both.
    mutating func append(_ bytes: ByteBuffer) {
        queued += Int64(bytes.readableBytes)
        let isLastUnsent = place.index < chunks.count - 1 || (place.index == chunks.count - 1 && place.offset == 0)
        if let last = chunks.last, isLastUnsent,
            last.readableBytes + bytes.readableBytes <= SentStream.usualSegment
        {
            chunks[chunks.index(before: chunks.endIndex)].writeImmutableBuffer(bytes)
        } else {
            chunks.append(bytes)
        }
    }

    /// The next bytes that the peer's window takes, and where they stand; nil for none.
    mutating func next(within window: Int, upTo limit: Int) -> (offset: Int64, bytes: ByteBuffer)? {
        let room = window - Int(sent - acknowledged)
        guard sent < queued, room > 0, place.index < chunks.count else { return nil }
        let chunk = chunks[chunks.index(chunks.startIndex, offsetBy: place.index)]
        let count = min(chunk.readableBytes - place.offset, room, limit)
        guard let bytes = chunk.getSlice(at: chunk.readerIndex + place.offset, length: count) else { return nil }
        defer { sent += Int64(count) }
        place.offset += count
        if place.offset == chunk.readableBytes { place = (place.index + 1, 0) }
        return (sent, bytes)
    }

    /// Where the end stands, where it is what comes next.
    mutating func nextEnd() -> Int64? {
        guard isFinished, sent == queued else { return nil }
        sent += 1
        return queued
    }

    /// All that was not acknowledged is sent again, in packets that are not smaller than they need be, as Linux does it
    /// (tcp_retrans_try_collapse): 90,000 bytes that were written one by one would be as many packets, again and again.
    mutating func rewind() {
        sent = acknowledged
        place = (0, 0)
        var joined = CircularBuffer<ByteBuffer>(initialCapacity: 4)
        for chunk in chunks {
            if let last = joined.last, last.readableBytes + chunk.readableBytes <= SentStream.usualSegment {
                joined[joined.index(before: joined.endIndex)].writeImmutableBuffer(chunk)
            } else {
                joined.append(chunk)
            }
        }
        chunks = joined
    }

    /// The peer has all up to `offset`. Whether that is news.
    mutating func acknowledge(_ offset: Int64) -> Bool {
        guard offset > acknowledged, offset <= end else { return false }
        var rest = Int(min(offset, queued) - acknowledged)
        while rest > 0, var first = chunks.first {
            let part = min(rest, first.readableBytes)
            rest -= part
            if part == first.readableBytes {
                chunks.removeFirst()
                place = place.index > 0 ? (place.index - 1, place.offset) : (0, 0)
            } else {
                first.moveReaderIndex(forwardBy: part)
                chunks[chunks.startIndex] = first
                if place.index == 0 { place.offset = max(0, place.offset - part) }
            }
        }
        acknowledged = offset
        if sent < offset {
            // It had arrived, though it was to be sent again.
            sent = offset
            place = (0, 0)
        }
        return true
    }
}

/// What one end received, and nobody has read.
struct ReceivedStream {
    private var chunks = CircularBuffer<ByteBuffer>(initialCapacity: 4)
    /// All up to here arrived, the end with it.
    private(set) var arrived: Int64 = 0
    private(set) var unread = 0
    /// Whether the peer sends no more.
    private(set) var hasEnded = false

    /// Accepts what comes next, as far as the window goes; the rest comes again. Whether it is news.
    mutating func accept(_ packet: Packet, window: Int) -> Bool {
        let known = arrived - packet.offset
        guard !hasEnded, known >= 0, known < packet.count || (packet.isLast && known == packet.count) else {
            return false
        }
        if var bytes = packet.bytes {
            bytes.moveReaderIndex(forwardBy: Int(known))
            let count = min(bytes.readableBytes, window)
            guard let taken = bytes.readSlice(length: count), count > 0 else { return false }
            chunks.append(taken)
            arrived += Int64(count)
            unread += count
        }
        if packet.isLast {
            arrived += 1
            hasEnded = true
        }
        return true
    }

    /// The first bytes, `limit` at most; nil for none.
    mutating func read(upTo limit: Int) -> ByteBuffer? {
        guard var first = chunks.first else { return nil }
        if first.readableBytes > limit {
            let slice = first.readSlice(length: limit)
            chunks[chunks.startIndex] = first
            unread -= limit
            return slice
        }
        chunks.removeFirst()
        while let second = chunks.first, first.readableBytes + second.readableBytes <= limit {
            first.writeImmutableBuffer(second)
            chunks.removeFirst()
        }
        unread -= first.readableBytes
        return first
    }
}
