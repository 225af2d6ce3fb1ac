package import MPushModel
package import MPushWire

/// Names a request that was asked for from outside the session, so that its outcome finds back.
package struct RequestToken: Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// How a request ended.
package enum RequestOutcome: Equatable, Sendable {
    /// The server confirmed it with OK or ACK, or nothing had to be confirmed.
    case done
    /// The server's answer to a proxied HTTP request.
    case httpAnswer(HTTPProxyAnswer)
    /// The server answered ERROR.
    case refused(code: ReasonCode, reason: String)
    /// No answer came, at any try; `after` is the time of one.
    case timedOut(after: Duration)
    /// The connection was lost while the answer was awaited. Whether the request was carried out is not known.
    case connectionLost(LossCause)
    /// There is no session to send it over.
    case notConnected
    /// The body is longer than the server takes.
    case tooLong(bytes: Int, maximum: Int)
    /// The server's answer is longer than we accept.
    case answerTooLong(SizeExcess)
    /// Too many requests await their answers.
    case tooMany
    /// There is no connection to ask the server over: it is asked over the next one.
    case deferred
    /// Something else was wished before the server was asked for it.
    case superseded
    /// Tags were to be changed, and nobody is to be bound.
    case nobodyBound
}

/// A request that has ended.
package struct RequestCompletion: Equatable, Sendable {
    package let token: RequestToken
    package let outcome: RequestOutcome

    package init(_ token: RequestToken, _ outcome: RequestOutcome) {
        self.token = token
        self.outcome = outcome
    }
}

/// The requests that await their answers, found by the number that an answer repeats. Bounded.
///
/// The client's and the server's numbers overlap, so an answer must also fit the request's kind: a PUSH or a KICK never
/// completes anything, and an OK or ERROR names its command (PROTOCOL.md section 5).
struct RequestTable: Sendable {
    enum Purpose: Equatable, Sendable {
        /// What `UserBinding.underWay` has.
        case bind
        case unbind
        case push(RequestToken)
        case http(RequestToken)
    }

    struct Request: Equatable, Sendable {
        let purpose: Purpose
        let message: OutgoingMessage
        let timeout: Duration
        var triesLeft: Int
        var due: Instant
    }

    /// How many requests may be under way at once.
    static let capacity = 256

    private var requests: [Int32: Request] = [:]
    /// Whether we do not read: then an answer may be there that was not seen yet, and no request is overdue.
    var isReadingPaused: Bool { pausedAt != nil }
    private var pausedAt: Instant?

    var isFull: Bool { requests.count >= RequestTable.capacity }

    /// The next time at which a request is to be sent again, or given up.
    var nextDeadline: Instant? { isReadingPaused ? nil : requests.values.lazy.map(\.due).min() }

    func contains(_ number: Int32) -> Bool { requests[number] != nil }

    /// Whether a request with that command awaits its answer.
    func contains(_ command: Command) -> Bool { requests.values.contains { $0.message.command == command } }

    func request(_ number: Int32) -> Request? { requests[number] }

    mutating func readingPaused(at now: Instant) {
        if pausedAt == nil { pausedAt = now }
    }

    /// The time in which we did not read is given to each answer on top: to those asked for meanwhile, what is left of it.
    mutating func readingResumed(at now: Instant) {
        guard let pausedAt else { return }
        self.pausedAt = nil
        requests = requests.mapValues { request in
            var request = request
            let asked = request.due + (.zero - request.timeout)
            request.due += now - max(pausedAt, asked)
            return request
        }
    }

    mutating func add(_ request: Request) {
        requests[request.message.sessionID] = request
    }

    /// Takes out the request with that number if it is one that `command` can be an answer to.
    mutating func answered(_ number: Int32, to command: Command) -> Request? {
        guard let request = requests[number], request.message.command == command else { return nil }
        requests[number] = nil
        return request
    }

    /// Takes out a request whose time has come for good, or gives one that is to be sent again: the longest overdue
    /// first, then the lowest number.
    mutating func overdue(at now: Instant) -> (request: Request, isOver: Bool)? {
        guard !isReadingPaused else { return nil }
        let overdue = requests.lazy.filter { $0.value.due <= now }
        let first = overdue.min { ($0.value.due, $0.key) < ($1.value.due, $1.key) }
        guard let (number, entry) = first else { return nil }
        var request = entry
        guard request.triesLeft > 0 else {
            requests[number] = nil
            return (request, true)
        }
        request.triesLeft -= 1
        request.due = now + request.timeout
        requests[number] = request
        return (request, false)
    }

    /// Takes all out, in the order of their numbers.
    mutating func removeAll() -> [Request] {
        defer { requests = [:] }
        return requests.sorted { $0.key < $1.key }.map(\.value)
    }
}
