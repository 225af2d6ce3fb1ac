import MPushConfiguration
import MPushConnection
import MPushInbox
import MPushModel
import MPushPlatform
import MPushRouting
import NIOCore

/// What there is to say of a route at a moment.
package struct RouteStatus: Equatable, Sendable {
    package let name: String
    /// `exec`, `webhook` or `file`.
    package internal(set) var kind: String
    /// Messages confirmed since the start.
    package var done: UInt64 = 0
    /// Messages its filter did not want, since the start.
    package var passed: UInt64 = 0
    /// Failed attempts since the start.
    package var failures: UInt64 = 0
    /// Stored and wanted, or not looked at yet, and not settled: at least.
    package var waiting = 0
    package var running = 0
    package var deadLetters = 0
    /// What the last failure was, as long as nothing was confirmed after it.
    package var lastFailure: String?
    /// How long until the next attempt, while the route waits after a failure.
    package var nextAttempt: Duration?

    package init(name: String, kind: String) {
        self.name = name
        self.kind = kind
    }
}

/// Runs one route: tells its schedule what happened, and does what that says. Belongs to the event loop.
final class RouteRunner {
    /// What a runner needs of its surroundings.
    struct Environment {
        let inbox: Inbox
        let timer: LoopTimer
        let makeTarget: (LoadedRoute) -> any RouteTarget
        let makeReporter: (String) -> RouteReporter
        let makeSeed: () -> UInt64
        /// The observer is asked for each time, since it is not kept alive.
        let observer: () -> (any DeliveryObserver)?
    }

    struct Attempt {
        let begun: Instant
        let cancel: () -> Void
    }

    let name: String
    let surroundings: Environment
    var route: LoadedRoute
    var target: any RouteTarget
    /// Nil until the inbox has said how far the route has come.
    var schedule: RouteSchedule?
    /// Those in the schedule's hands.
    var messages: [MessagePosition: StoredMessage] = [:]
    var attempts: [MessagePosition: Attempt] = [:]
    var reporter: RouteReporter
    var counts: RouteStatus
    private(set) var owner: LoopTimer.Owner?
    private(set) var recorder: ChangeRecorder?
    private var toDo: [RouteSchedule.Action] = []
    private var isDoing = false
    /// Begins at the first message that there is, where the inbox does not know the route.
    var beginsAtOldest = false
    private var openWait = Duration.seconds(1)
    /// Told when it is stopped, and all is recorded.
    private var whenStopped: (() -> Void)?
    private(set) var isEnded = false

    init(_ route: LoadedRoute, in surroundings: Environment) {
        name = route.settings.name
        self.route = route
        self.surroundings = surroundings
        target = surroundings.makeTarget(route)
        reporter = surroundings.makeReporter(name)
        counts = RouteStatus(name: name, kind: target.kind)
        owner = surroundings.timer.makeOwner { [weak self] now in self?.deadlineReached(at: now) }
        recorder = ChangeRecorder(
            of: .route(name), in: surroundings.inbox, timer: surroundings.timer,
            onRecorded: { [weak self] changes in self?.recorded(changes) },
            onPaused: { [weak self] isPaused in self?.tell { $0.paused(isPaused, at: BootClock.now()) } })
    }

    var settings: RouteSchedule.Settings {
        RouteSchedule.Settings(concurrency: route.settings.concurrency, retry: route.settings.retry)
    }

    var status: RouteStatus {
        var status = counts
        status.kind = target.kind
        status.waiting = schedule?.waiting ?? 0
        status.running = attempts.count
        status.nextAttempt = schedule?.nextAttempt.map { max(.zero, $0 - BootClock.now()) }
        return status
    }

    /// Asks the inbox how far the route has come, and begins there.
    func open() {
        guard !isEnded else { return }
        let isFromOldest = beginsAtOldest || route.settings.start == .oldest
        surroundings.inbox.openConsumer(.route(name), fromOldest: isFromOldest) { [weak self] answer in
            guard let self, !isEnded, schedule == nil else { return }
            switch answer {
            case .success(let state): opened(state)
            case .failure(let failure): cannotOpen(failure)
            }
        }
    }

    private func opened(_ state: ConsumerProgress) {
        let now = BootClock.now()
        counts.deadLetters = state.deadLetters
        let past = RouteSchedule.Past(state, at: now, longestWait: RouteSchedule.longestRetryAfter)
        schedule = RouteSchedule(
            settings, past: past, newest: surroundings.inbox.status.last.rawValue, seed: surroundings.makeSeed(),
            at: now)
        tell { $0.begin(at: now) }
    }

    private func cannotOpen(_ failure: InboxFailure) {
        reporter.cannotOpen(failure)
        guard let owner else { return }
        surroundings.timer.set(BootClock.now() + openWait, for: owner)
        openWait = min(openWait + openWait, .seconds(30))
    }

    /// Other settings are in force.
    func apply(_ route: LoadedRoute) {
        let isChanged = self.route.settings != route.settings
        self.route = route
        target = surroundings.makeTarget(route)
        if isChanged { tell { $0.reconfigured(settings, at: BootClock.now()) } }
    }

    /// These were stored just now.
    func stored(_ messages: [StoredMessage]) {
        guard schedule?.isLevel == true else {
            // Only how far there is something to read matters.
            let offers = messages.last.map {
                [RouteSchedule.Offer(position: $0.position.rawValue, size: 0, isWanted: true)]
            }
            return tell { $0.stored(offers ?? [], at: BootClock.now()) }
        }
        offer(messages) { $0.stored($1, at: BootClock.now()) }
    }

    /// Tells the schedule of messages, with what the filter says of them; those that it takes are kept until it says
    /// otherwise.
    func offer(
        _ offered: [StoredMessage],
        _ fact: (inout RouteSchedule, [RouteSchedule.Offer]) -> [RouteSchedule.Action]
    ) {
        var offers: [RouteSchedule.Offer] = []
        for message in offered {
            let isWanted = route.settings.filter.wants(message)
            if isWanted { messages[message.position] = message } else { counts.passed += 1 }
            offers.append(
                RouteSchedule.Offer(
                    position: message.position.rawValue, size: message.content.readableBytes, isWanted: isWanted))
        }
        tell { fact(&$0, offers) }
        guard let schedule else { return }
        for message in offered where !schedule.holds(message.position.rawValue) { messages[message.position] = nil }
    }

    /// Dead letters were forgotten.
    func discarded(_ count: Int) {
        counts.deadLetters = max(0, counts.deadLetters - count)
    }

    /// Dead letters that are to be sent again. Where the inbox was not asked yet how far the route is, it will say so itself.
    func returned(_ positions: [MessagePosition]) {
        counts.deadLetters = max(0, counts.deadLetters - positions.count)
        tell { $0.messagesReturned(positions.map(\.rawValue), at: BootClock.now()) }
    }

    /// Tells the schedule a fact, and does what it says.
    func tell(_ fact: (inout RouteSchedule) -> [RouteSchedule.Action]) {
        guard var schedule else { return }
        self.schedule = nil
        let actions = fact(&schedule)
        self.schedule = schedule
        toDo += actions
        guard !isDoing else { return }
        isDoing = true
        while !toDo.isEmpty {
            let actions = toDo
            toDo = []
            for action in actions { perform(action) }
        }
        isDoing = false
        endIfStopped()
    }

    private func deadlineReached(at now: Instant) {
        if schedule == nil { return open() }
        tell { $0.deadlineReached(at: now) }
    }

    // MARK: - The end

    /// Ends what is under way and begins nothing more; `done` is called when all is over and recorded.
    func stop(_ done: @escaping () -> Void) {
        whenStopped = done
        guard schedule != nil else { return finish() }
        tell { $0.stopped(at: BootClock.now()) }
        for attempt in Array(attempts.values) { attempt.cancel() }
        endIfStopped()
    }

    /// Ends it without recording anything: what it knows is of an inbox that is gone.
    func abandon() {
        isEnded = true
        recorder?.cancel()
        for attempt in Array(attempts.values) { attempt.cancel() }
        letGo()
    }

    private func endIfStopped() {
        guard whenStopped != nil, schedule?.isStopped == true, attempts.isEmpty, !isEnded else { return }
        finish()
    }

    private func finish() {
        guard !isEnded else { return }
        isEnded = true
        recorder?.finish { [self] in
            letGo()
            let done = whenStopped
            whenStopped = nil
            done?()
        }
    }

    private func letGo() {
        if let owner { surroundings.timer.remove(owner) }
        owner = nil
        recorder = nil
        messages = [:]
    }
}
