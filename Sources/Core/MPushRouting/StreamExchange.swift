package import MPushModel

/// What one run of a stream's program was given and what it has said of it (docs/STREAM.md). A pure value: told what was
/// written and read, it says how attempts ended, and by when the program has to say something.
package struct StreamExchange: Sendable {
    /// How an attempt ended, at the message that was written as this `number`.
    package typealias End = (id: String, number: Int, result: AttemptResult)

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
    private var open: [String: Int] = [:]
    /// In the order in which they were written, which their numbers follow; those before `first` have been answered, and
    /// others may have been.
    private var order: [(id: String, isOpen: Bool)] = []
    private var first = 0
    /// The number of the first that `order` has.
    private var firstNumber = 0
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

    /// The first message without an answer.
    package var oldest: String? { first < order.count ? order[first].id : nil }

    /// By when an answer has to have come; nil while none is due.
    package var deadline: Instant? { firstSince.map { $0 + timeLimit } }

    /// The message is written: its number. Nil where another one of the same id has no answer yet: it has to wait for that.
    package mutating func write(_ id: String, now: Instant) -> Int? {
        let number = firstNumber + order.count
        if let held = open.updateValue(number, forKey: id) {
            open[id] = held
            return nil
        }
        order.append((id, true))
        if firstSince == nil { firstSince = now }
        return number
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
        return left.map { ($0.key, $0.value, ofEach) }
    }

    private mutating func take(_ line: ArraySlice<UInt8>, _ heard: inout Heard) {
        if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\t") }) {
            return
        }
        do throws(StreamAnswerError) {
            let answer = try StreamAnswer(line: line)
            guard let number = open.removeValue(forKey: answer.id) else {
                let id = answer.id.shown(atMost: StreamExchange.longestShown)
                return complain("answered for message \(id), which it was not given or has answered for", &heard)
            }
            order[number - firstNumber].isOpen = false
            heard.ends.append((answer.id, number, answer.result))
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
        while first < order.count, !order[first].isOpen { first += 1 }
        if first > before { firstSince = first < order.count ? now : nil }
        guard first > 512, first * 2 > order.count else { return }
        order.removeFirst(first)
        firstNumber += first
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
