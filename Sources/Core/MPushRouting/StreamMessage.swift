import MPushJSON
import MPushModel

/// A message as the program of a stream route gets it: a line of JSON on its standard input.
package struct StreamMessage: Sendable {
    package let message: RoutedMessage
    /// Which attempt at handing it over this is, from 1.
    package let attempt: Int
    /// Its place in the inbox; nil where the line does not say.
    let position: Int64?

    /// The same each time that the message is handed over, and no other message's: printable ASCII, with no space at an end.
    package var key: [UInt8] { IdempotencyKey.bytes(identity: message.identity, position: position, id: message.id) }

    /// Writes `key` over what `text` has, into the same memory.
    package func writeKey(over text: inout [UInt8]) {
        IdempotencyKey.write(identity: message.identity, position: position, id: message.id, over: &text)
    }

    /// A line as mpushd writes it for text, to the letter (docs/STREAM.md); nil for any other.
    init?(plain line: ArraySlice<UInt8>, needsJSON: Bool, _ known: inout KnownPieces) {
        var line = PlainLine(line)
        guard line.skip("{\"position\":"), let position = line.number(),
            line.skip(",\"attempt\":"), let attempt = line.number(),
            line.skip(",\"id\":"), let id = line.string(),
            let owner = line.value(&known.owner, { Owner(&$0) }), line.skip(",\"received\":"),
            let received = line.value(&known.received, { $0.string() })
        else { return nil }
        var type: Int64?
        if line.skip(",\"type\":") {
            type = line.number()
            guard type != nil else { return nil }
        }
        guard line.skip(",\"content\":"), let content = line.content(), line.skip("}"), line.isOver else { return nil }
        message = RoutedMessage(
            id: id, identity: owner.identity, user: owner.user, type: type, received: received, content: content,
            needsJSON: needsJSON)
        self.attempt = max(1, Int(clamping: attempt))
        self.position = position
    }

    /// Any line that says it.
    init(parsing line: ArraySlice<UInt8>, needsJSON: Bool) throws(StreamMessageError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(line)
        } catch {
            throw .unreadable("it is \(error)")
        }
        guard case .object = value else { throw .unreadable("it is no JSON object") }
        guard let id = value["id"]?.string else { throw .unreadable("it has no id that is a string") }
        let content: [UInt8]
        if let text = value["content"]?.string {
            content = Array(text.utf8)
        } else if let encoded = value["content_base64"]?.string {
            guard let bytes = Base64.decode(encoded) else {
                throw .useless(id: id, "its content_base64 is not canonical base64")
            }
            content = bytes
        } else {
            throw .useless(id: id, "it has neither content nor content_base64")
        }
        func text(_ name: String) -> String { value[name]?.string ?? "" }
        message = RoutedMessage(
            id: id, identity: text("identity"), user: text("user"), type: value["type"]?.integer,
            received: text("received"), content: content, needsJSON: needsJSON)
        attempt = max(1, Int(clamping: value["attempt"]?.integer ?? 1))
        position = value["position"]?.integer
    }

    /// Whose it is.
    fileprivate struct Owner {
        let identity: String
        let user: String

        init?(_ line: inout PlainLine) {
            guard line.skip(",\"identity\":"), let identity = line.string(), line.skip(",\"user\":"),
                let user = line.string()
            else { return nil }
            (self.identity, self.user) = (identity, user)
        }
    }

    /// What the plain line before said, as it said it: in a run of messages much is the same.
    struct KnownPieces {
        fileprivate var owner: KnownPiece<Owner>?
        fileprivate var received: KnownPiece<String>?
    }
}

/// Reads the messages of a stream one after the other.
package struct StreamMessageReader: Sendable {
    private let needsJSON: Bool
    private var known = StreamMessage.KnownPieces()

    /// - Parameter needsJSON: whether somebody looks at the fields of their content.
    package init(needsJSON: Bool) {
        self.needsJSON = needsJSON
    }

    /// Reads `line`, without its end.
    package mutating func read(_ line: ArraySlice<UInt8>) throws(StreamMessageError) -> StreamMessage {
        if let message = StreamMessage(plain: line, needsJSON: needsJSON, &known) { return message }
        return try StreamMessage(parsing: line, needsJSON: needsJSON)
    }
}

/// Why a line is no message.
package enum StreamMessageError: Error, Equatable, Sendable {
    /// It cannot even be answered: what is wrong, in words.
    case unreadable(String)
    /// The message of this id can only be rejected: why, in words.
    case useless(id: String, String)
}

/// Cuts what comes in pieces into lines, with a bound on each.
package struct LineCutter: Sendable {
    private let longest: Int
    private var bytes: [UInt8] = []
    /// Where what was not given out yet begins, and how far it was searched for an end.
    private var start = 0
    private var searched = 0

    /// - Parameter longest: bytes that a line may have.
    package init(longest: Int) {
        self.longest = longest
    }

    /// Bytes that wait.
    package var count: Int { bytes.count - start }

    /// Whether a line is longer than it may be: what comes after cannot be told apart.
    package var isLost: Bool { searched - start > longest }

    package mutating func add(_ piece: ArraySlice<UInt8>) {
        if start > 0 {
            bytes.removeFirst(start)
            searched -= start
            start = 0
        }
        bytes += piece
    }

    /// The next line, without its end; nil where none is complete.
    package mutating func next() -> ArraySlice<UInt8>? {
        let end = bytes.span.bytes.endOfLine(from: searched)
        guard end < bytes.count, end - start <= longest else {
            searched = end
            return nil
        }
        defer {
            start = end + 1
            searched = start
        }
        return bytes[start..<end]
    }

    /// What is left at the end, without an end of its own.
    package mutating func rest() -> ArraySlice<UInt8>? {
        guard start < bytes.count else { return nil }
        defer {
            start = bytes.count
            searched = start
        }
        return bytes[start...]
    }
}
