package import MPushModel
package import MPushPlatform
import MPushSupervision
package import MPushSystemd

/// Who hears what happens to identities. Called on the event loop.
package protocol IdentityEventSink: AnyObject {
    func record(_ event: IdentityEvent)
}

/// Where all identities of a daemon report what happens to them: as facts to those who follow events, and as lines to the
/// journal, where many that say the same become one. Belongs to its event loop.
package final class FleetJournal {
    /// For what is not an event.
    let log: Logger
    private let events: any IdentityEventSink
    private let timer: LoopTimer
    private var digest = FleetDigest()
    private var owner: LoopTimer.Owner?

    package init(_ log: Logger, events: any IdentityEventSink, timer: LoopTimer) {
        self.log = log
        self.events = events
        self.timer = timer
    }

    /// `event` has happened at `place`. The line goes to `log`, at `level` where that is not the event's own.
    func record(
        _ event: IdentityEvent, at place: Endpoint?, level: LogLevel?, to log: Logger,
        _ fields: @autoclosure () -> [JournalField]
    ) {
        events.record(event)
        let kind = LogEvent(event.kind)
        let line = FleetDigest.Line(event.kind, cause: event.cause, level: level ?? kind.level)
        guard line.level >= log.minimumLevel else { return }
        guard digest.admits(line, about: place, at: timer.now) else { return setDeadline() }
        log.log(kind, level: level, event.text, fields())
    }

    /// Gives back the timer, and says what was not said yet.
    func finish() {
        write(digest.deadlineReached(at: timer.now + .seconds(3600)))
        if let owner { timer.remove(owner) }
        owner = nil
    }

    private func setDeadline() {
        let owner = owner ?? timer.makeOwner { [weak self] now in self?.deadlineReached(at: now) }
        self.owner = owner
        timer.set(digest.nextDeadline, for: owner)
    }

    private func deadlineReached(at now: Instant) {
        write(digest.deadlineReached(at: now))
        setDeadline()
    }

    private func write(_ summaries: [FleetDigest.Summary]) {
        for summary in summaries {
            let parts = summary.counts.sorted { ($0.value, $1.key.kind.rawValue) > ($1.value, $0.key.kind.rawValue) }
                .map {
                    line, count in "\(count) \(line.kind.rawValue)" + (line.cause.map { " (\($0))" } ?? "")
                }
            let place = summary.place.map { "\($0)" } ?? "no server in particular"
            log.log(
                summary.level,
                "\(summary.total) more lines about \(place) were not written in the last minute: "
                    + parts.joined(separator: ", ") + ". mpushctl status has each identity",
                summary.place.map { [.endpoint("\($0)")] } ?? [])
        }
    }
}

extension LogEvent {
    /// The journal's kind of an event.
    fileprivate init(_ kind: IdentityEvent.Kind) {
        self =
            switch kind {
            case .online: .online
            case .connectionLost: .connectionLost
            case .attemptFailed: .attemptFailed
            case .waiting: .waiting
            case .allocatorFailed: .allocatorFailed
            case .tlsRefused: .tlsRefused
            case .resumeRefused: .resumeRefused
            case .ticketNotStored: .ticketNotStored
            case .bindRejected: .bindRejected
            case .kicked: .kicked
            case .readMissed: .readMissed
            case .readRecovered: .readRecovered
            case .absurdHeartbeat: .absurdHeartbeat
            case .unknownCommand: .unknownCommand
            case .protocolError: .protocolError
            case .messageNotTaken: .messageNotTaken
            }
    }
}
