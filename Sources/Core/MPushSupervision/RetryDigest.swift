import MPushModel

/// Decides which failed attempts are worth a line: the first in a row, the first of each new cause but at most a few, and
/// then one after each pause that is twice the last one, up to half an hour.
struct RetryDigest: Equatable, Sendable {
    enum Line: Equatable, Sendable {
        case first
        case summary(attempts: Int)
    }

    private static let shortestPause = Duration.seconds(60)
    private static let longestPause = Duration.seconds(1800)
    private static let mostCauses = 8

    private var attempts = 0
    private var causes: Set<String> = []
    private var lastLine = Instant.zero
    private var pause = RetryDigest.shortestPause
    private var isAllocatorAway = false
    private var isRouteLossSaid = false

    /// How many attempts failed in a row.
    var failedAttempts: Int { attempts }

    /// An attempt failed for `cause`: what is to be said, nil for nothing. One that could not be made is not counted.
    mutating func attemptFailed(_ cause: LossCause, at now: Instant) -> Line? {
        if !cause.isShortage { attempts += 1 }
        let word = RetryDigest.word(for: cause)
        if causes.count < RetryDigest.mostCauses, causes.insert(word).inserted {
            lastLine = now
            return .first
        }
        return isPauseOver(at: now) ? .summary(attempts: attempts) : nil
    }

    /// There is no route to any server: whether that is worth a line, which is so the first time, and then after the pauses of
    /// the attempts. It may come and go with each flap of a link.
    mutating func routeLost(at now: Instant) -> Bool {
        guard isRouteLossSaid else {
            isRouteLossSaid = true
            lastLine = now
            return true
        }
        return isPauseOver(at: now)
    }

    /// Whether there was no line for so long that there may be one again, which there is then.
    private mutating func isPauseOver(at now: Instant) -> Bool {
        guard now - lastLine >= pause else { return false }
        lastLine = now
        pause = min(pause * 2, RetryDigest.longestPause)
        return true
    }

    /// The allocator gave no answer: whether that is worth a line, which is so once until it gives one.
    mutating func allocatorFailed() -> Bool {
        defer { isAllocatorAway = true }
        return attempts == 0 && !isAllocatorAway
    }

    mutating func allocatorAnswered() {
        isAllocatorAway = false
    }

    /// A connection was lost, at `now`, which has its own line.
    mutating func connectionLost(at now: Instant) {
        lastLine = now
    }

    /// The search is over.
    mutating func succeeded() {
        self = RetryDigest()
    }

    private static func word(for cause: LossCause) -> String {
        if case .tls(let failure) = cause { "tls \(failure.code)" } else { cause.code }
    }
}

extension RetryDigest.Line {
    /// What is said of the attempt at `endpoint` that failed for `cause`.
    func report(_ cause: LossCause, at endpoint: Endpoint?, next: Duration?) -> SupervisorReport {
        switch self {
        case .first: .failed(cause, at: endpoint, next: next)
        case .summary(let attempts): .stillTrying(cause, attempts: attempts, next: next)
        }
    }
}
