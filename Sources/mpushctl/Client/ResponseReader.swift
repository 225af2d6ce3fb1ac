/// Reads one answer out of bytes that come as they like: its head, then its body, whole or in lines. Everything is
/// bounded.
final class ResponseReader {
    static let longestHead = 64 * 1024
    static let longestBody = 256 * 1024 * 1024
    static let longestLine = 64 * 1024 * 1024
    private static let longestChunkLine = 256

    /// Where the body is.
    private enum Body {
        case rest(Int)
        case chunkStart
        case chunk(Int)
        case untilEnd
        case done
    }

    typealias Source = () throws(ControlFailure) -> [UInt8]

    /// Tells poll(2) that there is more; nil where nothing does.
    let descriptor: CInt?
    private let source: Source
    private var buffer: [UInt8] = []
    private var position = 0
    private var body = Body.done
    /// Of the body, not given away as a line yet.
    private var pending: [UInt8] = []
    private var scanned = 0

    /// - Parameter source: waits for more bytes; gives none at the end.
    init(on descriptor: CInt? = nil, _ source: @escaping Source) {
        self.descriptor = descriptor
        self.source = source
    }

    /// Takes what has come without looking at it: whoever sends sees that it is read. False at the end.
    func gather() throws(ControlFailure) -> Bool { try fill() }

    /// Whether a whole line of the body is there without waiting.
    var hasLine: Bool { pending.contains(UInt8(ascii: "\n")) }

    /// The head; the first call.
    func head() throws(ControlFailure) -> ResponseHead {
        var lines: [[UInt8]] = []
        var left = ResponseReader.longestHead
        while true {
            let line = try line(atMost: left, what: "the head")
            if line.isEmpty, lines.isEmpty { throw .notUnderstood("an answer without a status") }
            if line.isEmpty { break }
            left -= line.count + 2
            lines.append(line)
        }
        let head = try ResponseHead(lines: lines)
        switch head.framing {
        case .none: body = .done
        case .length(let length): body = length == 0 ? .done : .rest(length)
        case .chunked: body = .chunkStart
        case .untilEnd: body = .untilEnd
        }
        return head
    }

    /// The whole body.
    func wholeBody() throws(ControlFailure) -> [UInt8] {
        while let part = try nextPart() {
            guard pending.count + part.count <= ResponseReader.longestBody else {
                throw .notUnderstood("a body of more than \(ResponseReader.longestBody) bytes")
            }
            pending += part
        }
        defer { pending = [] }
        return pending
    }

    /// The next line of the body without its end; nil at the end of the body. What the end cuts off is no line.
    func nextLine() throws(ControlFailure) -> [UInt8]? {
        while true {
            if let end = pending[scanned...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(pending[..<end])
                pending.removeFirst(end + 1)
                scanned = 0
                return line
            }
            scanned = pending.count
            guard pending.count <= ResponseReader.longestLine else { throw .notUnderstood("a line without an end") }
            guard let part = try nextPart() else { return nil }
            pending += part
        }
    }

    // MARK: - Framing

    /// More of the body, never empty; nil at its end.
    private func nextPart() throws(ControlFailure) -> [UInt8]? {
        while true {
            switch body {
            case .done: return nil
            case .untilEnd:
                if position == buffer.count, try !fill() {
                    body = .done
                    return nil
                }
                return take(buffer.count)
            case .rest(let left):
                let part = try takeSome(left)
                body = part.count == left ? .done : .rest(left - part.count)
                return part
            case .chunk(let left):
                let part = try takeSome(left)
                body = part.count == left ? .chunkStart : .chunk(left - part.count)
                if part.count == left { try endChunk() }
                return part
            case .chunkStart: try beginChunk()
            }
        }
    }

    private func beginChunk() throws(ControlFailure) {
        let line = try line(atMost: ResponseReader.longestChunkLine, what: "a chunk's size")
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
        guard (1...8).contains(digits.count), digits.allSatisfy(ResponseReader.isHexadecimal),
            let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw .notUnderstood("a chunk without a size") }
        if size > 0 {
            body = .chunk(size)
            return
        }
        var left = ResponseReader.longestHead
        while true {
            let trailer = try self.line(atMost: left, what: "the trailer")
            if trailer.isEmpty { break }
            left -= trailer.count + 2
        }
        body = .done
    }

    private func endChunk() throws(ControlFailure) {
        guard try line(atMost: 2, what: "a chunk's end").isEmpty else { throw .notUnderstood("a chunk without an end") }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }

    // MARK: - Bytes

    private func line(atMost limit: Int, what: String) throws(ControlFailure) -> [UInt8] {
        var from = position
        while true {
            if let end = buffer[from...].firstIndex(of: UInt8(ascii: "\n")) {
                guard end - position <= limit else { throw .notUnderstood("\(what) is too long") }
                var line = buffer[position..<end]
                if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
                position = end + 1
                return Array(line)
            }
            guard buffer.count - position <= limit else { throw .notUnderstood("\(what) is too long") }
            let scanned = buffer.count - position
            guard try fill() else { throw .cutOff }
            from = position + scanned
        }
    }

    private func takeSome(_ most: Int) throws(ControlFailure) -> [UInt8] {
        if position == buffer.count, try !fill() { throw .cutOff }
        return take(most)
    }

    private func take(_ most: Int) -> [UInt8] {
        let end = min(buffer.count, position + min(most, buffer.count))
        defer { position = end }
        return Array(buffer[position..<end])
    }

    private func fill() throws(ControlFailure) -> Bool {
        let more = try source()
        buffer.removeFirst(position)
        position = 0
        buffer += more
        return !more.isEmpty
    }
}

/// Status line and fields of an answer of HTTP/1.1 (RFC 9112).
struct ResponseHead: Equatable {
    /// How the end of the body is found.
    enum Framing: Equatable {
        case none
        case length(Int)
        case chunked
        case untilEnd
    }

    let status: Int
    let framing: Framing

    /// Reads the lines of a head, without their ends.
    init(lines: [[UInt8]]) throws(ControlFailure) {
        guard let first = lines.first, let status = ResponseHead.status(in: first) else {
            let opening = String(decoding: (lines.first ?? []).prefix(60), as: UTF8.self)
            throw .notUnderstood("no answer of HTTP/1.1, but \"\(opening)\"")
        }
        self.status = status
        var framing: Framing?
        for line in lines.dropFirst() {
            guard let found = try ResponseHead.framing(in: line) else { continue }
            guard framing == nil || framing == found else { throw .notUnderstood("its body has two lengths") }
            framing = found
        }
        self.framing = status == 204 || status == 304 ? .none : framing ?? .untilEnd
    }

    private static func status(in line: [UInt8]) -> Int? {
        let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].elementsEqual("HTTP/1.1".utf8) || parts[0].elementsEqual("HTTP/1.0".utf8),
            parts[1].count == 3, let status = Int(String(decoding: parts[1], as: UTF8.self)),
            (200..<600).contains(status)
        else { return nil }
        return status
    }

    private static func framing(in line: [UInt8]) throws(ControlFailure) -> Framing? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            throw .notUnderstood("a field without a colon")
        }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        let value = String(decoding: line[(colon + 1)...], as: UTF8.self)
            .split { $0 == " " || $0 == "\t" }.joined(separator: " ")
        switch name {
        case "transfer-encoding":
            guard value.lowercased() == "chunked" else { throw .notUnderstood("the transfer coding \(value)") }
            return .chunked
        case "content-length":
            guard !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(value) else {
                throw .notUnderstood("the length \(value)")
            }
            return .length(length)
        default: return nil
        }
    }
}
