/// Cuts what a program writes into lines for the journal, with bounds: a program that floods costs the journal a
/// hundred lines an attempt (or a minute, of one that goes on), and no memory.
struct OutputLines {
    /// Bytes of a line; what is longer is cut.
    static let longestLine = 1024
    static let mostLines = 100
    static let mostBytes = 64 * 1024
    /// Bytes that are looked at, with those that are cut off: what comes after them is dropped unseen.
    static let mostRead = 1024 * 1024

    private var line: [UInt8] = []
    private var isCut = false
    private var lines = 0
    private var bytes = 0
    private var read = 0
    private var isOver = false

    /// The lines that are complete with `piece`.
    mutating func add(_ piece: some Sequence<UInt8>) -> [String] {
        if isOver { return [] }
        var complete: [String] = []
        var rest = Array(piece)[...]
        read += rest.count
        while !isOver, !rest.isEmpty {
            // In parts, not in bytes: a flood without a line's end costs next to nothing.
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            let part = rest[..<(end ?? rest.endIndex)]
            let room = OutputLines.longestLine - line.count
            line += part.prefix(room)
            if part.count > room { isCut = true }
            guard let end else { break }
            complete += endLine()
            rest = rest[(end + 1)...]
        }
        if read > OutputLines.mostRead, !isOver {
            complete += endLine()
            if !isOver { complete += giveUp() }
        }
        return complete
    }

    /// Begins to count anew, for a program that goes on.
    mutating func renew() { (lines, bytes, read, isOver) = (0, 0, 0, false) }

    /// What is left without a line end.
    mutating func end() -> [String] { isOver ? [] : endLine() }

    private mutating func endLine() -> [String] {
        defer {
            line.removeAll(keepingCapacity: true)
            isCut = false
        }
        while let last = line.last, last == UInt8(ascii: "\r") || last == UInt8(ascii: " ") { line.removeLast() }
        guard !line.isEmpty else { return [] }
        guard lines < OutputLines.mostLines, bytes + line.count <= OutputLines.mostBytes else {
            return giveUp()
        }
        lines += 1
        bytes += line.count
        return [String(decoding: line, as: UTF8.self) + (isCut ? " ..." : "")]
    }

    private mutating func giveUp() -> [String] {
        isOver = true
        line = []
        return ["... more was written, and dropped"]
    }
}
