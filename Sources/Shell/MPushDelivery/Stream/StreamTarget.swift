import MPushConfiguration
import MPushConnection
import MPushInbox
import MPushModel
import MPushPlatform
import MPushRouting
import MPushSystemd
import NIOCore

/// A program as a route's target that runs on: it gets messages as lines on its standard input, and answers for each with a
/// line on its standard output (docs/STREAM.md). It is started for the first message; what its end leaves unanswered is
/// tried again, and when, the route's schedule says. Belongs to the event loop.
final class StreamTarget: RouteTarget {
    private struct Handover {
        let message: StoredMessage
        let attempt: Int
        let done: (AttemptResult) -> Void
    }

    /// One run of the program.
    private final class Run {
        let settings: StreamSettings
        var exchange: StreamExchange
        var handle: ProgramHandle?
        /// By the numbers that the exchange gave.
        var completions: [Int: (AttemptResult) -> Void] = [:]
        /// What its end means for what is open, where it was told to end.
        var ending: AttemptResult?
        /// The time by which it should have answered is over: it has a moment more, because the machine may have slept.
        var respite: (after: Instant, until: Instant)?

        init(_ settings: StreamSettings) {
            self.settings = settings
            exchange = StreamExchange(timeLimit: settings.timeLimit)
        }
    }

    /// How long a program still has whose time is over.
    private static let respite = Duration.seconds(1)

    private let route: String
    private var settings: StreamSettings
    private let programs: any ProgramStarter
    private let environment: ServiceEnvironment
    private let log: Logger
    private let timer: LoopTimer
    private let leftBehind: LeftBehindReporter
    private var watch: LoopTimer.Owner?
    private var run: Run?
    /// Not written yet: for the end of this turn, the end of a program with other settings, or an answer for a message of
    /// the same id.
    private var pending: [Handover] = []
    private var isFlushDue = false
    private var isStopped = false
    /// Called when it is stopped and no program runs.
    private var onOver: () -> Void = {}
    /// Has the ends that were told so far acted on, instead of at the end of the loop's turn.
    var actOnEnds: () -> Void = {}
    private var complaints: ComplaintReporter
    /// When it was said last that the program has ended with nothing to do.
    private var saidEndAt: Instant?

    init(
        _ settings: StreamSettings, of route: String, programs: any ProgramStarter, environment: ServiceEnvironment,
        log: Logger, timer: LoopTimer
    ) {
        self.settings = settings
        self.route = route
        self.programs = programs
        self.environment = environment
        self.log = log.with([.route(route)])
        self.timer = timer
        leftBehind = LeftBehindReporter("the program of route \(route)", self.log, timer: timer)
        complaints = ComplaintReporter(route: route, log: self.log)
        watch = timer.makeOwner { [weak self] now in self?.deadlineReached(at: now) }
    }

    func apply(_ route: LoadedRoute) -> Bool {
        guard case .stream(let settings) = route.settings.target else { return false }
        let before = self.settings
        self.settings = settings
        // How much it may have at once is the schedule's to see to.
        if before.isOtherProgram(than: settings), let run { end(run, meaning: .abandoned) }
        return true
    }

    func stop(_ done: @escaping () -> Void) {
        isStopped = true
        if let watch { timer.remove(watch) }
        watch = nil
        let unwritten = pending
        pending = []
        onOver = done
        if let run { end(run, meaning: .abandoned) }
        for handover in unwritten { handover.done(.abandoned) }
        if run == nil { done() }
    }

    func deliver(_ message: StoredMessage, attempt: Int, done: @escaping (AttemptResult) -> Void) -> () -> Void {
        guard !isStopped else {
            done(.abandoned)
            return {}
        }
        pending.append(Handover(message: message, attempt: attempt, done: done))
        flushLater()
        // What the program has is not taken back: it may still answer until it ends, and that is bounded.
        return { [weak self] in self?.withdraw(message) }
    }

    private func withdraw(_ message: StoredMessage) {
        let (id, position) = (message.id, message.position)
        guard let index = pending.firstIndex(where: { $0.message.id == id && $0.message.position == position })
        else { return }
        pending.remove(at: index).done(.abandoned)
    }

    // MARK: - Writing

    /// All that is handed over in one turn of the loop is written together.
    private func flushLater() {
        guard !isFlushDue else { return }
        isFlushDue = true
        timer.eventLoop.assumeIsolated().execute { [weak self] in
            self?.isFlushDue = false
            self?.flush()
        }
    }

    private func flush() {
        guard !pending.isEmpty, !isStopped else { return }
        let run = run ?? Run(settings)
        guard run.ending == nil else { return }
        var lines: [UInt8] = []
        var kept: [Handover] = []
        let now = timer.now
        // What comes again is older than what was stored meanwhile.
        pending.sort { $0.message.position < $1.message.position }
        for handover in pending {
            guard let number = run.exchange.write(handover.message.id, now: now) else {
                kept.append(handover)
                continue
            }
            MessageLine.append(handover.message, attempt: handover.attempt, to: &lines)
            run.completions[number] = handover.done
        }
        pending = kept
        if let handle = run.handle {
            if !lines.isEmpty { programs.write(ByteBuffer(bytes: lines), to: handle) }
        } else {
            start(run, with: ByteBuffer(bytes: lines))
        }
        setDeadline(of: run)
    }

    private func start(_ run: Run, with input: ByteBuffer) {
        self.run = run
        let settings = run.settings
        let (log, route, program) = (log, route, settings.program.lastPathComponent)
        let leftBehind = NIOLoopBound(leftBehind, eventLoop: timer.eventLoop)
        let launch = ProgramLaunch(
            path: settings.program, arguments: settings.arguments.map { Array($0.utf8) },
            environment: ProgramEnvironment.make(forStream: route, from: environment),
            directory: settings.directory ?? "/", input: input, timeLimit: settings.timeLimit,
            onLine: { line in log.log(.programOutput, "route \(route): \(program): \(line)") },
            onLeftBehind: { [eventLoop = timer.eventLoop] in eventLoop.execute { leftBehind.value.happened() } })
        run.handle = programs.converse(
            launch,
            heard: { [weak self, weak run] piece in
                guard let self, let run else { return }
                heard(piece, from: run)
            },
            done: { [self] end in ended(run, end) })
    }

    // MARK: - Answers

    private func heard(_ piece: ByteBuffer, from run: Run) {
        let heard = run.exchange.heard(Array(piece.readableBytesView), at: timer.now)
        if let complaint = heard.complaint {
            complaints.add(
                "\(run.settings.program.lastPathComponent) \(complaint)", count: heard.complaints, at: timer.now)
        }
        if heard.isLost, run.ending == nil {
            end(run, meaning: .failed("\(run.settings.program) wrote a line longer than 64 KiB", retryAfter: nil))
        }
        complete(heard.ends, of: run)
        guard self.run === run else { return }
        setDeadline(of: run)
        if !pending.isEmpty { flushLater() }
    }

    private func complete(_ ends: [StreamExchange.End], of run: Run) {
        for end in ends { run.completions.removeValue(forKey: end.number)?(end.result) }
    }

    private func setDeadline(of run: Run) {
        guard let watch, run.ending == nil else { return }
        timer.set(run.exchange.deadline.map { run.respite?.after == $0 ? run.respite?.until ?? $0 : $0 }, for: watch)
    }

    private func deadlineReached(at now: Instant) {
        guard let run, run.ending == nil, let deadline = run.exchange.deadline else { return }
        guard let respite = run.respite, respite.after == deadline, respite.until <= now else {
            if deadline <= now, run.respite?.after != deadline { run.respite = (deadline, now + StreamTarget.respite) }
            return setDeadline(of: run)
        }
        if let watch { timer.set(nil, for: watch) }
        let id = run.exchange.oldest ?? ""
        end(
            run,
            meaning: .failed(
                "\(run.settings.program) did not answer for message \(id) within "
                    + "\(run.settings.timeLimit.humanReadable), and was ended", retryAfter: nil))
    }

    // MARK: - The end of a run

    /// Has the program end: it finds the end of its input first.
    private func end(_ run: Run, meaning result: AttemptResult) {
        guard run.ending == nil, let handle = run.handle else { return }
        run.ending = result
        programs.stop(handle)
    }

    private func ended(_ run: Run, _ end: ProgramEnd) {
        // What its last answers let begin was given to it as well; nothing else may begin before its end is known.
        actOnEnds()
        defer {
            actOnEnds()
            if isStopped { onOver() } else if !pending.isEmpty { flushLater() }
        }
        if self.run === run { self.run = nil }
        if let watch { timer.set(nil, for: watch) }
        let open = run.exchange.count
        var result = run.ending ?? StreamTarget.result(of: end, run.settings, open: open)
        if case .withdrawn = end, case .failed = result {
            result = .postponed("\(run.settings.program) was not started: too many programs run")
        }
        if result == .abandoned, open > 0 {
            log.log(
                .notice,
                "route \(route): \(run.settings.program.lastPathComponent) was ended before it had answered for "
                    + "\(StreamTarget.messages(open)), which will be handed over again")
        }
        let hasDoneAll = open == 0 && run.ending == nil
        if hasDoneAll { sayEnd(result.reason) }
        let ends = run.exchange.ended(result)
        // What waits for the same program is no better off; what comes after one that has done all that it was given is. What
        // an abandoned one had comes again, and what waits must not overtake that.
        let isForNext = open == 0 && (result == .abandoned || hasDoneAll)
        let unwritten = isForNext ? [] : pending
        if !isForNext { pending = [] }
        complete(ends, of: run)
        let ofUnwritten: AttemptResult =
            if case .failed(let reason, _) = result { .unavailable(reason) } else { result }
        for handover in unwritten { handover.done(ofUnwritten) }
    }

    /// Once a minute at most: there are programs that do one thing and end.
    private func sayEnd(_ reason: String) {
        let now = timer.now
        if let saidEndAt, now - saidEndAt < RouteReporter.interval { return }
        saidEndAt = now
        log.log(.notice, "route \(route): \(reason); it is started again for the next message")
    }

    /// What an end that nobody asked for means for `open` messages without an answer.
    static func result(of end: ProgramEnd, _ settings: StreamSettings, open: Int) -> AttemptResult {
        let program = settings.program
        let rest = open == 0 ? "" : " before it had answered for \(messages(open))"
        switch end {
        case .exited(let status) where status == 0 || status == ExecTarget.temporaryFailure:
            return .unavailable("\(program) ended with status \(status)\(rest)")
        case .exited(let status):
            return .failed("\(program) ended with status \(status)\(rest)", retryAfter: nil)
        case .killed(let signal):
            let text = ExecTarget.text(forSignal: signal)
            return .failed("\(program) was ended by signal \(signal) (\(text))\(rest)", retryAfter: nil)
        case .timedOut, .stopped, .withdrawn:
            return .unavailable("\(program) closed its standard input, and was ended\(rest)")
        case .notStarted(let number, _) where OSError.isShortage(number):
            return .postponed("\(program) cannot be started: \(OSError.text(for: number))")
        case .notStarted(let number, .directory):
            return .unavailable("\(settings.directory ?? "/"): \(OSError.text(for: number))")
        case .notStarted(let number, .execute):
            return .unavailable("\(program): \(OSError.text(for: number))")
        case .notStarted(let number, .prepare):
            return .unavailable("\(program) cannot be started: \(OSError.text(for: number))")
        }
    }

    private static func messages(_ count: Int) -> String { count == 1 ? "1 message" : "\(count) messages" }
}

extension StreamSettings {
    /// Whether the program that runs is not the one that `other` asks for.
    fileprivate func isOtherProgram(than other: StreamSettings) -> Bool {
        program != other.program || arguments != other.arguments || directory != other.directory
            || timeLimit != other.timeLimit
    }
}

/// Says what is wrong with a program's answers, once a minute at most: one that writes its log where answers are due does
/// so at each line. Belongs to the event loop.
private struct ComplaintReporter {
    let route: String
    let log: Logger
    private var saidAt: Instant?
    private var unsaid = 0

    init(route: String, log: Logger) {
        self.route = route
        self.log = log
    }

    mutating func add(_ words: String, count: Int, at now: Instant) {
        unsaid += count
        if let saidAt, now - saidAt < RouteReporter.interval { return }
        let more = unsaid == 1 ? "" : " (\(unsaid) such lines so far)"
        (saidAt, unsaid) = (now, 0)
        log.log(
            .warning,
            "route \(route): \(words)\(more). Its standard output is for answers alone; what is for people goes to standard error."
        )
    }
}
