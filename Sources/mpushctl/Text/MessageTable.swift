import MPushControl
import MPushModel
import MPushPlatform
import NIOCore

/// Messages in columns, a line each.
struct MessageTable {
    let width: Int
    let now: WallTime
    let style: Style

    /// The table with its head, or one line that says that there is nothing.
    func lines(_ messages: [StoredMessage]) -> [String] {
        guard !messages.isEmpty else { return ["no messages"] }
        let cells = messages.map(cells)
        let head = ["POSITION", "RECEIVED", "IDENTITY", "ID", "SIZE"]
        let widths = head.indices.map { column in max(head[column].count, cells.map { $0[column].count }.max() ?? 0) }
        let title = row(head, widths) + "CONTENT"
        return [style.faint(title)]
            + zip(messages, cells).map { message, cells in
                let start = row(cells, widths)
                return start + MessageTable.content(message, atMost: max(20, width - start.count))
            }
    }

    /// One message as `follow` prints it.
    func line(_ message: StoredMessage) -> String {
        let start =
            "\(message.received.localClockText)  #\(message.position.rawValue)  \(message.identity.shown(atMost: 64))  "
        return style.faint(start) + MessageTable.content(message, atMost: 64 * 1024)
    }

    private func cells(_ message: StoredMessage) -> [String] {
        [
            String(message.position.rawValue), message.received.humanReadable(at: now),
            message.identity.shown(atMost: 24),
            message.id.shown(atMost: 36), ByteCountText.humanReadable(message.content.readableBytes),
        ]
    }

    private func row(_ cells: [String], _ widths: [Int]) -> String {
        zip(cells, widths).map { $0.padded(to: $1 + 2) }.joined()
    }

    /// The content on one line, so that it can steer no terminal.
    static func content(_ message: StoredMessage, atMost limit: Int) -> String {
        guard let text = MessageContent(message.content).text else {
            return "(\(ByteCountText.humanReadable(message.content.readableBytes)) that are not text)"
        }
        return text.shown(atMost: limit)
    }
}

/// Sizes as people say them.
enum ByteCountText {
    /// `812 B`, `1.4 KiB`, `23 MiB`
    static func humanReadable(_ bytes: Int) -> String {
        if bytes < 1024 { return "\(max(0, bytes)) B" }
        var (value, unit) = (Double(bytes) / 1024, 0)
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
        let tenths = Int((value * 10).rounded())
        let number = tenths < 100 && tenths % 10 != 0 ? "\(tenths / 10).\(tenths % 10)" : "\(Int(value.rounded()))"
        return "\(number) \(units[unit])"
    }
}
