import Glibc
import MPushCipher
import MPushJSON
import MPushModel
import MPushPlatform
import MPushSystemd
import NIOCore

/// Writes each message as one line of JSON to a descriptor, for `mpushd run --print`: a follower like those of the local
/// API, that confirms a message once its line is written. Writing may block, so it is done on a thread that lives while
/// there is something to write. Belongs to its event loop.
final class MessagePrinter: FollowerSink {
    /// The name that its place in the inbox is kept under.
    static let name = "stdout"
    /// Messages that may wait to be written.
    static let window = 1024
    /// Bytes of lines that may wait to be written, and what is taken beyond with one batch.
    private static let mostWaiting = 4 << 20

    private let descriptor: CInt
    private let eventLoop: any EventLoop
    private let onWritten: (MessagePosition) -> Void
    private let onFailure: (OSError) -> Void
    private let worker: SerialWorker
    /// Bytes that wait to be written: whoever reads may be slower than messages come.
    private var waiting = 0
    /// Told when there is room for more after `take` said that there is none.
    var onRoom: () -> Void = {}
    /// Told when no more messages come.
    var onEnded: () -> Void = {}

    /// Writes to `descriptor`. On the event loop `onWritten` hears the last message of what is written, and `onFailure`
    /// why a line could not be.
    init(
        to descriptor: CInt, threads: any ThreadStarter, on eventLoop: any EventLoop,
        onWritten: @escaping (MessagePosition) -> Void,
        onFailure: @escaping (OSError) -> Void
    ) {
        self.descriptor = descriptor
        worker = SerialWorker(on: threads)
        self.eventLoop = eventLoop
        self.onWritten = onWritten
        self.onFailure = onFailure
    }

    func take(_ messages: [StoredMessage]) -> Bool {
        guard let last = messages.last else { return true }
        var lines: [UInt8] = []
        for message in messages { MessageLine.append(message, to: &lines) }
        waiting += lines.count
        let count = lines.count
        let printer = NIOLoopBound(self, eventLoop: eventLoop)
        do throws(OSError) {
            try worker.run { [eventLoop, descriptor, lines] in
                let error = FileSystem.writeAll(lines, to: descriptor)
                eventLoop.execute { printer.value.written(last.position, count, error) }
            }
        } catch {
            onFailure(error)
        }
        return waiting < MessagePrinter.mostWaiting
    }

    func followerEnded(_ reason: String) { onEnded() }

    private func written(_ position: MessagePosition, _ count: Int, _ error: OSError?) {
        let wasFull = waiting >= MessagePrinter.mostWaiting
        waiting -= count
        if let error { onFailure(error) } else { onWritten(position) }
        if wasFull, waiting < MessagePrinter.mostWaiting { onRoom() }
    }
}

/// One message as one line of JSON (RFC 8259): `position` in the inbox, `id`, `identity`, `user`, `received` (UTC), `type`
/// where it has one, and `content`, which is text where the bytes are UTF-8 and `content_base64` where they are not.
enum MessageLine {
    /// - Parameter attempt: which attempt at handing it over this is, from 1; it is there where it is known.
    static func append(_ message: StoredMessage, attempt: Int? = nil, to line: inout [UInt8]) {
        line += "{\"position\":".utf8
        JSONText.append(message.position.rawValue, to: &line)
        if let attempt {
            line += ",\"attempt\":".utf8
            JSONText.append(Int64(attempt), to: &line)
        }
        line += ",\"id\":".utf8
        JSONText.append(message.id, to: &line)
        line += ",\"identity\":".utf8
        JSONText.append(message.identity, to: &line)
        line += ",\"user\":".utf8
        JSONText.append(message.user, to: &line)
        line += ",\"received\":\"".utf8
        message.received.appendRFC3339(to: &line)
        line += "\",".utf8
        if let type = message.type {
            line += "\"type\":".utf8
            JSONText.append(type, to: &line)
            line.append(UInt8(ascii: ","))
        }
        append(message.content, to: &line)
        line += "}\n".utf8
    }

    private static func append(_ content: ByteBuffer, to line: inout [UInt8]) {
        let bytes = Array(content.readableBytesView)
        if (try? UTF8Span(validating: bytes.span)) != nil {
            line += "\"content\":".utf8
            JSONText.append(utf8: bytes, to: &line)
        } else {
            line += "\"content_base64\":\"".utf8
            line += Base64.encode(bytes).utf8
            line.append(UInt8(ascii: "\""))
        }
    }
}
