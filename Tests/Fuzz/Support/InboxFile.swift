import Glibc
import MPushConfiguration
import MPushInbox
import MPushModel
import MPushPlatform
import MPushSession
import NIOCore

/// The fuzzer's input for the inbox: the bytes of its file. It is opened, asked all that there is to ask, stored into, aged,
/// closed and opened again, as the daemon does it.
package enum InboxFile {
    /// What became of an input.
    package struct Summary {
        /// It was no inbox, or damaged, and a new one was begun.
        package var isSetAside = false
        package var tickets = 0
        package var messages = 0
        package var deadLetters = 0
    }

    /// Takes `input` in.
    ///
    /// - Throws: What came of it that must never come of anything.
    @discardableResult
    package static func run(_ input: [UInt8]) throws(InvariantViolation) -> Summary {
        let place = try InboxPlace(holding: input)
        defer { place.remove() }
        var summary = Summary()
        summary.tickets = try place.open()
        try read(place, &summary)
        let stored = try write(place)
        summary.isSetAside = place.hasBegunAnew
        try place.close()
        // What was said to be stored is there.
        _ = try place.open()
        if let stored, !place.hasBegunAnew || summary.isSetAside { try find(stored, place) }
        try place.close()
        return summary
    }

    private static func read(_ place: InboxPlace, _ summary: inout Summary) throws(InvariantViolation) {
        let consumers = try place.ask { inbox, done in inbox.consumers { done($0) } }
        for (name, consumer) in (try? consumers.get()) ?? [:] {
            try require((0..<Int64.max / 2).contains(consumer.cursor.rawValue), "cursor \(consumer.cursor.rawValue)")
            try require(consumer.deadLetters >= 0 && consumer.settledAhead >= 0, "\(consumer)")
            for shown in MessageState.allCases {
                _ = try place.ask { inbox, done in
                    inbox.messages(MessageQuery(consumer: name, state: shown)) { done($0) }
                }
            }
        }
        let messages = try place.ask { inbox, done in inbox.messages(MessageQuery(limit: 1000)) { done($0) } }
        for message in (try? messages.get())?.messages ?? [] {
            try check(message)
            summary.messages += 1
        }
        let letters = try place.ask { inbox, done in
            inbox.deadLetters(DeadLetterQuery(limit: 1000)) { done($0) }
        }
        for letter in (try? letters.get())?.deadLetters ?? [] {
            try check(letter.message)
            try require(letter.attempts >= 0 && letter.attempts < .max, "\(letter.attempts) attempts")
            summary.deadLetters += 1
        }
    }

    /// Gives the last message that was stored.
    private static func write(_ place: InboxPlace) throws(InvariantViolation) -> StoredMessage? {
        let route = ConsumerName.route("r")
        if case .success(let state) = try place.ask({ inbox, done in
            inbox.openConsumer(route, fromOldest: true) { done($0) }
        }) {
            try check(state)
        }
        let first = try store([#"{"msgId":"a"}"#, "text"], place)
        if let first {
            _ = try place.ask { inbox, done in
                inbox.record(
                    [
                        .attempted(first.position, attempts: 1, wait: .seconds(5)), .consumed(first.position),
                        .buried(first.position, attempts: 2, reason: "no"),
                    ], of: route
                ) { done($0) }
            }
        }
        _ = try place.ask { inbox, done in inbox.returnDeadLetters(nil, of: route) { done($0) } }
        _ = try place.ask { inbox, done in inbox.discardDeadLetters(nil, of: route) { done($0) } }
        if let keys = CipherKeys(
            key: SecretBytes([UInt8](repeating: 1, count: 16)), iv: SecretBytes([UInt8](repeating: 2, count: 16)))
        {
            let ticket = SessionTicket(
                sessionID: SecretBytes([3]), keys: keys, deviceID: "d", client: "linux", expires: place.clock.wall)
            _ = try place.ask { inbox, done in
                inbox.keepTicket(StoredTicket(identity: "i", serverKey: "s", ticket: ticket), of: "i") { done($0) }
            }
        }
        place.clock.pass(.seconds(40 * 86_400))
        let last = try store(["later"], place)
        _ = try place.ask { inbox, done in inbox.removeConsumer(route) { done($0) } }
        let status = try place.status()
        try require(status.messages >= 0 && status.bytes >= 0, "\(status.messages) messages, \(status.bytes) bytes")
        return last
    }

    private static func store(_ texts: [String], _ place: InboxPlace) throws(InvariantViolation) -> StoredMessage? {
        let outcomes = try place.ask { inbox, done in
            inbox.store(
                texts.map {
                    NewMessage(
                        identity: "i", user: "u", received: place.clock.wall, content: ByteBuffer(string: $0),
                        awaitsConsumer: true)
                }
            ) { done($0) }
        }
        try require(outcomes.count == texts.count, "\(outcomes.count) outcomes of \(texts.count)")
        var last: StoredMessage?
        for outcome in outcomes {
            switch outcome {
            case .stored(let message):
                try check(message)
                last = message
            case .failed(let failure): try require(!failure.detail.isEmpty, "a failure without words")
            case .duplicate, .full: break
            }
        }
        if let last { try find(last, place) }
        return last
    }

    private static func find(_ message: StoredMessage, _ place: InboxPlace) throws(InvariantViolation) {
        let before = MessagePosition(rawValue: message.position.rawValue - 1)
        let found = try place.ask { inbox, done in inbox.messages(MessageQuery(after: before, limit: 1)) { done($0) } }
        // What cannot be read is said to be damaged.
        guard case .success(let page) = found, !place.hasBegunAnew else { return }
        try require(page.messages.first?.content == message.content, "a message that was stored is not there")
    }

    private static func check(_ message: StoredMessage) throws(InvariantViolation) {
        try require((1..<Int64.max / 2).contains(message.position.rawValue), "position \(message.position.rawValue)")
        try require((0...1 << 48).contains(message.received.millisecondsSince1970), "received \(message.received)")
    }

    private static func check(_ state: ConsumerProgress) throws(InvariantViolation) {
        for position in state.settledAhead + state.returned + state.attempted.map(\.position) + [state.cursor] {
            try require((0..<Int64.max / 2).contains(position.rawValue), "position \(position.rawValue)")
        }
        for attempted in state.attempted {
            try require(attempted.attempts >= 0 && attempted.attempts < .max, "\(attempted.attempts) attempts")
            try require(attempted.wait >= .zero, "a wait of \(attempted.wait)")
        }
    }
}
