package import MPushModel

/// What one run of a stream's program was given and what it has said of it (docs/STREAM.md). A pure value: told what was
/// written and read, it says how attempts ended, and by when the program has to say something.
package struct StreamExchange: Sendable {
    /// How an attempt ended.
    package typealias End = (id: String, result: AttemptResult)

    /// What came of what the program wrote.
    package struct Heard {
        package var ends: [End] = []
        /// Lines that were no answers: what is wrong with the first, in words that follow the program's name, and how many.
        package var complaint: String?
        package var complaints = 0
        /// A line has no end: nothing that comes can be understood any more.
        package var isLost = false
    }

    /// Longest part of a bad line that is shown.
    private static let longestShown = 80

    private let timeLimit: Duration
    private var lines = AnswerLines()
    /// The number of each message without an answer, by its id.
    private var open: [String: UInt64] = [:]
    /// In the order in which they were written; those before `first` have been answered, and others may have been.
    private var order: [(id: String, number: UInt64)] = []
    private var first = 0
    private var lastNumber: UInt64 = 0
    /// Since when the first that is open is the first, or was written.
    private var firstSince: Instant?

    /// - Parameter timeLimit: how long the program may take over the first message that is open.
    package init(timeLimit: Duration) {
        self.timeLimit = timeLimit
    }

    /// Messages without an answer.
    package var count: Int { open.count }

    /// What is remembered of messages that were answered, for tests.
    var kept: Int { order.count }

    /// Whether a message of this id has no answer yet: another one of the same id has to wait for that.
    package func holds(_ id: String) -> Bool { open[id] != nil }

    /// The first message without an answer.
    package var oldest: String? { first < order.count ? order[first].id : nil }

    /// By when an answer has to have come; nil while none is due.
    package var deadline: Instant? { firstSince.map { $0 + timeLimit } }

    /// The message was written. Not to be called for one that `holds` names.
    package mutating func written(_ id: String, now: Instant) {
        lastNumber += 1
        open[id] = lastNumber
        order.append((id, lastNumber))
        if firstSince == nil { firstSince = now }
    }

    /// The program has written `piece`.
    package mutating func heard(_ piece: [UInt8], at now: Instant) -> Heard {
        var heard = Heard()
        var cutter = lines
        lines = AnswerLines()
        heard.isLost = !cutter.add(piece) { line in take(line, &heard) }
        lines = cutter
        if !heard.ends.isEmpty { passAnswered(at: now) }
        return heard
    }

    /// The program has ended, or never began, with `result` for all that is open; a failure that may be one message's doing
    /// is that only where there was but one.
    package mutating func ended(_ result: AttemptResult) -> [End] {
        let left = open.sorted { $0.value < $1.value }
        let ofEach: AttemptResult =
            if case .failed(let reason, _) = result, left.count > 1 { .unavailable(reason) } else { result }
        self = StreamExchange(timeLimit: timeLimit)
        return left.map { ($0.key, ofEach) }
    }

    private mutating func take(_ line: ArraySlice<UInt8>, _ heard: inout Heard) {
        if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\t") }) {
            return
        }
        do throws(StreamAnswerError) {
            let answer = try StreamAnswer(line: line)
            guard open.removeValue(forKey: answer.id) != nil else {
                let id = answer.id.shown(atMost: StreamExchange.longestShown)
                return complain("answered for message \(id), which it was not given or has answered for", &heard)
            }
            heard.ends.append((answer.id, answer.result))
        } catch {
            let shown = String(decoding: line.prefix(StreamExchange.longestShown), as: UTF8.self)
                .shown(atMost: StreamExchange.longestShown)
            complain("wrote a line that is no answer: \(error.message): \(shown)", &heard)
        }
    }

    private func complain(_ words: @autoclosure () -> String, _ heard: inout Heard) {
        heard.complaints += 1
        if heard.complaint == nil { heard.complaint = words() }
    }

    private mutating func passAnswered(at now: Instant) {
        let before = first
        while first < order.count, open[order[first].id] != order[first].number { first += 1 }
        if first > before { firstSince = first < order.count ? now : nil }
        guard first > 512, first * 2 > order.count else { return }
        order.removeFirst(first)
        first = 0
    }
}

extension StreamAnswer {
    /// What it means for the attempt.
    fileprivate var result: AttemptResult {
        switch word {
        case .done: .confirmed
        case .retry(let reason, let wait): .failed(reason.isEmpty ? "without a reason" : reason, retryAfter: wait)
        case .reject(let reason): .rejected(reason.isEmpty ? "without a reason" : reason)
        }
    }
}
