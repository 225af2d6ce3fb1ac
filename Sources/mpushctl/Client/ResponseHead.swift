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
