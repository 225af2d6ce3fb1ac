import MPushCipher
import MPushConfiguration
import MPushConnection
import MPushInbox
import MPushModel
import MPushPlatform
import MPushRouting
import MPushSystemd
import NIOCore

/// Runs one route: tells its schedule what happened, and does what that says. Belongs to the event loop.
final class RouteRunner {
    private enum Phase {
        /// The inbox is asked how far the route has come, or will be; after a failure again after the wait.
        case starting(wait: Duration)
        case running
        /// The last attempts end, and are recorded; then this is called.
        case stopping(() -> Void)
        case stopped
    }

    let name: String
    private(set) var route: LoadedRoute
    private(set) var target: any RouteTarget
    private var isTargetOver = false
    let environment: Environment
    /// Whether it begins at the first message that there is, where the inbox does not know the route.
    private let fromOldest: Bool
    private var phase = Phase.starting(wait: .seconds(1))
    /// There from `running` on.
    private(set) var schedule: RouteSchedule?
    /// Those in the schedule's hands.
    private(set) var messages: [MessagePosition: StoredMessage] = [:]
    let attempts = RouteAttempts()
    /// Of this turn of the loop.
    private var ends: [AttemptEnd] = []
    private(set) var reporter: RouteReporter
    /// Takes back each test that is under way.
    var tests: [Int: () -> Void] = [:]
    /// What the schedule wants done, in its order: doing one thing may lead to the next.
    private var pendingActions: [RouteSchedule.Action] = []
    private var isPerforming = false
    private var timers: Timers?
    private var recorder: ChangeRecorder?

    /// The schedule's deadline, and that of what the reporter has not said yet.
    private struct Timers {
        let schedule: LoopTimer.Owner
        let reporter: LoopTimer.Owner
    }

    init(_ route: LoadedRoute, in environment: Environment, fromOldest: Bool = false) {
        name = route.settings.name
        self.route = route
        self.environment = environment
        self.fromOldest = fromOldest || route.settings.start == .oldest
        target = environment.targets.make(for: route)
        reporter = RouteReporter(route: name, kind: route.settings.target.kind, log: environment.log)
        timers = Timers(
            schedule: environment.timer.makeOwner { [weak self] now in self?.deadlineReached(at: now) },
            reporter: environment.timer.makeOwner { [weak self] now in self?.reporter.sayUnsaid(at: now) })
        recorder = ChangeRecorder(
            of: .route(name), in: environment.inbox, timer: environment.timer,
            onRecorded: { [acks = environment.acks, observer = environment.observer] changes in
                acks.recorded(changes)
                // There are as many dead letters as the inbox has.
                if changes.contains(where: \.isBurial) { observer()?.deliveryChanged() }
            },
            onPaused: { [weak self] isPaused in
                guard let self else { return }
                handle { $0.paused(isPaused, at: self.now) }
            })
        listenToTarget()
    }

    private func listenToTarget() { (target as? StreamTarget)?.actOnEnds = { [weak self] in self?.actOnEnds() } }

    var now: Instant { environment.timer.now }

    // MARK: - Life

    /// Asks the inbox how far the route has come, and begins there.
    func open() {
        guard case .starting = phase else { return }
        environment.inbox.openConsumer(.route(name), fromOldest: fromOldest) { [weak self] answer in
            guard let self, case .starting(let wait) = phase else { return }
            switch answer {
            case .success(let progress): opened(progress)
            case .failure(let failure): cannotOpen(failure, wait: wait)
            }
        }
    }

    private func opened(_ progress: ConsumerProgress) {
        let now = now
        schedule = RouteSchedule(
            route.settings.schedule, past: progress, newest: environment.inbox.status.last,
            seed: SecureRandom.seed(), at: now)
        phase = .running
        handle { $0.begin(at: now) }
    }

    private func cannotOpen(_ failure: InboxFailure, wait: Duration) {
        reporter.cannotOpen(failure)
        phase = .starting(wait: min(wait + wait, .seconds(30)))
        if let timers { environment.timer.set(now + wait, for: timers.schedule) }
    }

    /// The route was loaded again. Its target goes on, with what it has under way, unless it is one of another kind now.
    func apply(_ route: LoadedRoute) {
        let isChanged = route != self.route
        self.route = route
        if !target.apply(route) {
            target.stop {}
            target = environment.targets.make(for: route)
            listenToTarget()
        }
        reporter.counts.kind = route.settings.target.kind
        if isChanged { handle { $0.reconfigured(route.settings.schedule, at: now) } }
    }

    /// Ends what is under way and begins nothing more; `done` is called when all is over and recorded.
    func stop(_ done: @escaping () -> Void) {
        switch phase {
        case .starting:
            phase = .stopping(done)
            target.stop {}
            finish(done)
        case .running:
            phase = .stopping(done)
            target.stop { [self] in
                isTargetOver = true
                finishIfIdle()
            }
            handle { $0.stopped(at: now) }
            attempts.cancel()
            cancelTests()
            finishIfIdle()
        case .stopping, .stopped: break
        }
    }

    /// Ends it without recording anything: what it knows is of an inbox that is gone.
    func abandon() {
        phase = .stopped
        schedule = nil
        recorder?.cancel()
        target.stop {}
        attempts.cancel()
        cancelTests()
        release()
    }

    private func finishIfIdle() {
        guard case .stopping(let done) = phase, schedule?.isStopped == true, attempts.isEmpty, isTargetOver,
            !isPerforming
        else { return }
        finish(done)
    }

    private func finish(_ done: @escaping () -> Void) {
        // It may be called again before all is recorded.
        schedule = nil
        recorder?.finish { [self] in
            guard case .stopping = phase else { return }
            phase = .stopped
            release()
            done()
        }
    }

    private func release() {
        reporter.sayUnsaid(at: now)
        if let timers {
            environment.timer.remove(timers.schedule)
            environment.timer.remove(timers.reporter)
        }
        timers = nil
        recorder = nil
        messages = [:]
    }

    // MARK: - Facts

    /// These were stored just now.
    func stored(_ messages: [StoredMessage]) {
        guard schedule?.isLevel == true else {
            // Only how far there is something to read matters.
            let offers = messages.last.map {
                [RouteSchedule.Offer(position: $0.position, size: 0, isWanted: true)]
            }
            return handle { $0.stored(offers ?? [], at: now) }
        }
        offer(messages) { $0.stored($1, at: now) }
    }

    /// Dead letters that are to be sent again. Where the inbox was not asked yet how far the route is, it will say so itself.
    func returned(_ positions: [MessagePosition]) {
        handle { $0.messagesReturned(positions, at: now) }
    }

    /// Somebody set the wall clock, by which its target's certificate may have seemed bad.
    func clockSet() { handle { $0.targetMayBeBack(at: now) } }

    private func deadlineReached(at now: Instant) {
        switch phase {
        case .starting: open()
        case .running, .stopping: handle { $0.deadlineReached(at: now) }
        case .stopped: break
        }
    }

    /// Tells the schedule of messages, with what the filter says of them; those that it takes are kept until it says
    /// otherwise.
    private func offer(
        _ offered: [StoredMessage],
        _ fact: (inout RouteSchedule, [RouteSchedule.Offer]) -> [RouteSchedule.Action]
    ) {
        var offers: [RouteSchedule.Offer] = []
        for message in offered {
            let isWanted = route.settings.filter.wants(message)
            if isWanted { messages[message.position] = message } else { reporter.counts.passed += 1 }
            offers.append(
                RouteSchedule.Offer(
                    position: message.position, size: message.content.readableBytes, isWanted: isWanted,
                    key: isWanted ? route.settings.order?.key(of: message) : nil))
        }
        handle { fact(&$0, offers) }
        guard let schedule else { return }
        for message in offered where !schedule.holds(message.position) { messages[message.position] = nil }
    }

    /// Tells the schedule a fact, and does what it says.
    func handle(_ fact: (inout RouteSchedule) -> [RouteSchedule.Action]) {
        guard var schedule else { return }
        self.schedule = nil
        let actions = fact(&schedule)
        self.schedule = schedule
        pendingActions += actions
        guard !isPerforming else { return }
        isPerforming = true
        while !pendingActions.isEmpty {
            let actions = pendingActions
            pendingActions = []
            for action in actions { perform(action) }
        }
        isPerforming = false
        finishIfIdle()
    }

    // MARK: - Actions

    private func perform(_ action: RouteSchedule.Action) {
        switch action {
        case .fetch(let after, let limit): fetch(after: after, limit: limit)
        case .fetchReturned(let position): fetchReturned(position)
        case .start(let position, let attempt): start([(position, attempt)])
        case .startBatch(let starts): start(starts.map { ($0.position, $0.attempt) })
        case .record(let changes): recorder?.record(changes)
        case .forget(let position): messages[position] = nil
        case .setDeadline(let deadline):
            if let timers { environment.timer.set(deadline, for: timers.schedule) }
        }
    }

    private func fetch(after: MessagePosition, limit: Int) {
        environment.inbox.messages(MessageQuery(after: after, limit: limit)) { [weak self] answer in
            guard let self else { return }
            switch answer {
            case .success(let page): offer(page.messages) { $0.fetched($1, at: now) }
            case .failure: handle { $0.fetchFailed(at: now) }
            }
        }
    }

    private func fetchReturned(_ position: MessagePosition) {
        let before = position.before
        environment.inbox.messages(MessageQuery(after: before, limit: 1)) { [weak self] answer in
            guard let self, schedule != nil else { return }
            switch answer {
            case .success(let page):
                let message = page.messages.first { $0.position == position }
                messages[position] = message
                let key = message.flatMap { route.settings.order?.key(of: $0) }
                handle { $0.fetchedReturned(position, isThere: message != nil, key: key, at: now) }
            case .failure: handle { $0.fetchFailed(position, at: now) }
            }
        }
    }

    private func start(_ starts: [(position: MessagePosition, attempt: Int)]) {
        let found = starts.compactMap { start in
            messages[start.position].map { AttemptedMessage(message: $0, attempt: start.attempt) }
        }
        guard found.count == starts.count else {
            for start in starts { handle { $0.contentMissing(start.position, at: now) } }
            return
        }
        attempts.start(found, at: target, now) {
            environment.observer()?.deliveryChanged()
        } onEnd: { [weak self] in
            self?.ended($0)
        }
    }

    /// An attempt is over. Those of a stream that end in one turn of the loop are taken together.
    private func ended(_ end: AttemptEnd) {
        guard target is StreamTarget else { return attemptsEnded([end]) }
        ends.append(end)
        guard ends.count == 1 else { return }
        environment.timer.eventLoop.assumeIsolated().execute { [self] in actOnEnds() }
    }

    /// Before a program's end is told, and after it: nothing may be handed over between the two.
    private func actOnEnds() {
        let all = ends
        ends = []
        for together in AttemptEnd.runs(of: all) { attemptsEnded(together) }
    }

    /// One attempt is over, or several with the same good end.
    private func attemptsEnded(_ all: ArraySlice<AttemptEnd>) {
        let ends = attempts.take(all)
        guard !ends.isEmpty, schedule != nil else { return }
        let now = now
        // Before the schedule may come to its end, and the runner with it.
        handle { schedule in
            let actions =
                ends.count == 1
                ? schedule.batchEnded(ends[0].positions, ends[0].result, at: now)
                : schedule.confirmed(ends.flatMap(\.positions), at: now)
            // The schedule alone decides what is given up.
            reporter.attemptsEnded(
                ends, burials: actions.flatMap(\.burials), isTargetDown: schedule.targetDownSince != nil,
                next: schedule.nextAttempt.map { max(.zero, $0 - now) }, messages: messages, at: now)
            return actions
        }
        if let timers { environment.timer.set(reporter.deadline, for: timers.reporter) }
        let (observer, wall) = (environment.observer(), environment.timer.wall)
        for end in ends {
            for (attempted, result) in end.told where result != .abandoned {
                observer?.attemptEnded(
                    route: name, result: result, took: now - end.begun, age: attempted.message.age(at: wall))
            }
        }
        observer?.deliveryChanged()
    }
}
