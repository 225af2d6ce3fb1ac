import MPushConfiguration
import MPushConnection
import MPushModel
import NIOCore

/// What a webhook's server, or an allocator, answers. The options: 1 for one whose body is asked for, 2 for one that goes on
/// and on with the last bytes of what it said.
package enum HTTPAnswerBytes {
    /// What became of it.
    package struct Summary: Equatable, Sendable {
        /// The status of the answer; nil where there is none.
        package var status: Int?
        /// The bytes of its body.
        package var body: [UInt8] = []
        /// Why there is none.
        package var failure: String?
    }

    private static let longestBody = 4096
    private static let flood = 160 * 1024

    /// Takes `input` in, in its pieces and at once: the outcome is the same.
    ///
    /// - Throws: What came of it that must never come of anything.
    @discardableResult
    package static func run(_ input: [UInt8]) throws(InvariantViolation) -> Summary {
        let bytes = CutBytes(input)
        let longest = bytes.options & 1 == 0 ? nil : longestBody
        var more: [[UInt8]] = []
        if bytes.options & 2 != 0, let last = bytes.whole.suffix(1024).nonEmpty {
            more = Array(repeating: last, count: flood / last.count)
        }
        let (pieces, whole) = (bytes.pieces + more, bytes.whole.nonEmpty.map { [$0] } ?? [])
        let inPieces = try FuzzLoop.run { world throws(InvariantViolation) in
            try outcome(of: pieces, longest, in: world.surroundings)
        }
        let atOnce = try FuzzLoop.run { [more] world throws(InvariantViolation) in
            try outcome(of: whole + more, longest, in: world.surroundings)
        }
        try require(inPieces == atOnce, "in pieces \(inPieces), and at once \(atOnce)")
        return atOnce
    }

    private static func outcome(
        of pieces: [[UInt8]], _ longest: Int?, in surroundings: Connector.Environment
    ) throws(InvariantViolation) -> Summary {
        let url: HTTPURL
        do throws(Misspelling) { url = try HTTPURL(parsing: "http://u.example/a") } catch {
            throw InvariantViolation("\(error)")
        }
        var results: [Result<HTTPAnswer, HTTPFailure>] = []
        let request = HTTPRequest(.post, url, fields: [("User-Agent", "x")], body: ByteBuffer(string: "body"))
        let client = HTTPClient(
            request, tls: nil, timeout: .seconds(60), longestBody: longest, in: surroundings
        ) { results.append($0) }
        let channel = try HTTPPeer.connected()
        client.start(over: channel)
        HTTPPeer.speak(pieces, to: channel)
        try require(results.count == 1, "a request ended \(results.count) times")
        return try summary(of: results[0], longest)
    }

    private static func summary(
        of result: Result<HTTPAnswer, HTTPFailure>, _ longest: Int?
    ) throws(InvariantViolation) -> Summary {
        switch result {
        case .success(let answer):
            let head = answer.fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
            try require(head <= 64 * 1024 && answer.fields.count <= 200, "a head of \(head) bytes is kept")
            try require(answer.reason.utf8.count <= 1000, "a reason of \(answer.reason.utf8.count) bytes is kept")
            let body = Array(answer.body.readableBytesView)
            try require(body.count <= longest ?? 0, "a body of \(body.count) bytes is kept")
            return Summary(status: answer.status, body: body)
        case .failure(let failure):
            try require(!failure.detail.isEmpty, "a failure without words")
            return Summary(failure: failure.detail)
        }
    }
}

extension Collection {
    /// As an array; nil where there is nothing.
    var nonEmpty: [Element]? { isEmpty ? nil : Array(self) }
}
