import MPushControl
import MPushJSON

/// A client that follows something, a line of JSON for each item. It stays within its bound because whoever feeds it stops
/// when it says so, and because it is cut when it takes nothing for too long.
final class LineStream: ControlStream {
    let consumer: String?
    /// Lines sent to it.
    private(set) var sent: UInt64 = 0
    /// Whether whoever feeds it was told to stop.
    private(set) var isFull = false
    private weak var connection: HTTPConnection?
    private var subscription: (any ControlSubscription)?
    private var isOver = false

    init(of connection: HTTPConnection, consumer: String?) {
        self.connection = connection
        self.consumer = consumer
    }

    func send(_ items: [some ControlValue]) -> Bool {
        guard !isOver, let connection else { return false }
        var bytes: [UInt8] = []
        for item in items {
            item.json.write(to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        sent += UInt64(items.count)
        isFull = !connection.streamLines(bytes)
        return !isFull
    }

    func end(_ reason: String) {
        guard !isOver else { return }
        isOver = true
        subscription = nil
        connection?.endStream(LineStream.endLine(reason))
    }

    /// The service has taken the follower.
    func begun(by subscription: any ControlSubscription) {
        guard !isOver else { return subscription.close() }
        self.subscription = subscription
    }

    /// The client has taken what there was.
    func drained() {
        guard isFull, !isOver else { return }
        isFull = false
        subscription?.wantsMore()
    }

    /// The client is gone, or is being cut: nothing is sent any more.
    func close() {
        guard !isOver else { return }
        isOver = true
        let subscription = subscription
        self.subscription = nil
        subscription?.close()
    }

    /// Nothing, for those who read lines.
    static let keepaliveLine = Array("{\"keepalive\":true}\n".utf8)

    static func endLine(_ reason: String) -> [UInt8] {
        var bytes: [UInt8] = []
        JSONValue.object(["end": StreamEnd(reason: reason).json]).write(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }
}
