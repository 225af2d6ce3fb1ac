import MPushModel
import MPushSession
import NIOCore

/// What the actions of a session must keep to, in whatever order facts come.
struct ActionRules {
    private var pending: Set<RequestToken> = []
    private var nextToken: UInt64 = 1
    private var isOver = false
    private var wasOnline = false
    private var lastRead = Instant.zero

    /// A request is about to be asked for.
    mutating func makeToken() -> RequestToken {
        defer { nextToken += 1 }
        let token = RequestToken(rawValue: nextToken)
        pending.insert(token)
        return token
    }

    /// Bytes came: silence counts from here, or from later.
    mutating func bytesRead(at now: Instant) {
        lastRead = now
    }

    mutating func check(_ action: SessionAction, at now: Instant) throws(InvariantViolation) {
        if case .complete(let token, _) = action {
            try require(pending.remove(token) != nil, "request \(token.rawValue) ended twice, or was never asked for")
            return
        }
        try require(!isOver, "after the end comes \(action)")
        switch action {
        case .close(let cause):
            isOver = true
            if case .missedReads(let count, let silence) = cause {
                try checkSilence(count: count, silence: silence, at: now)
            }
        case .report(.online):
            try require(!wasOnline, "online for the second time")
            wasOnline = true
        case .deliver(let message, _):
            try require(message.content.readableBytes <= ScriptCipher.maximumInflated, "a message over the limit")
        case .useKeys, .send, .sendHeartbeat, .storeTicket, .forgetTicket, .complete, .report: break
        }
    }

    /// The driver told the machine that the connection is gone.
    mutating func connectionClosed() throws(InvariantViolation) {
        isOver = true
        try require(pending.isEmpty, "\(pending.count) requests never ended")
    }

    /// Two answers are awaited for a second each, whatever the server asked for and however short the path is.
    private func checkSilence(count: Int, silence: Duration, at now: Instant) throws(InvariantViolation) {
        try require(count == 2, "closed at missed read \(count)")
        try require(silence >= .seconds(2), "closed after \(silence) of silence")
        try require(silence <= now - lastRead, "closed after \(silence), but bytes came \(now - lastRead) ago")
    }
}
