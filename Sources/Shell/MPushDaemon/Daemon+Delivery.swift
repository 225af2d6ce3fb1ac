import Glibc
import MPushDelivery
import MPushIdentity
import MPushInbox
import MPushLocalAPI
package import MPushModel
import MPushPlatform
import MPushSystemd

/// What inbox and routes have to say.
extension Daemon: DeliveryObserver {
    package func attemptEnded(route: String, result: AttemptResult, took: Duration, age: Duration) {
        metrics.attemptEnded(route: route, result: result, took: took, age: age)
    }

    /// Nothing that the service manager is shown depends on it.
    package func deliveryChanged() {}

    /// The news of the inbox.
    func handle(_ news: InboxNews) {
        let place: [JournalField] = [.file(state.path)]
        switch news {
        case .failing(let failure):
            log.log(
                .inboxFailing,
                "the inbox cannot store messages; what is not stored is not acknowledged: \(failure.detail)",
                place + [.cause(failure.kind.rawValue)])
        case .recovered:
            log.log(.inboxRecovered, "the inbox stores messages again", place)
        case .begunAnew(let setAside, let detail):
            let past = setAside.map { "is damaged (\(detail)); it is set aside as \($0)" } ?? "is gone: \(detail)"
            log.log(
                .inboxDamaged, "the inbox's database \(past), a new one is in use", [.file(setAside ?? state.path)])
            parts?.delivery.inboxBegunAnew()
            parts?.fleet.inboxBegunAnew()
        case .logLost(let setAside):
            log.log(
                .inboxDamaged,
                "the inbox's log is damaged: what was stored last, and acknowledged, may be missing; it is set aside as "
                    + "\(setAside), the database is in use as it was before", [.file(setAside)])
        case .full(let holder):
            log.log(.inboxFull, InboxHolder.refusal(because: holder), place)
        case .roomAgain:
            log.log(.info, "the inbox has room again", place)
        case .dropped(let count):
            log.log(
                .messagesDropped,
                "\(count) \(count == 1 ? "message" : "messages") were dropped before they were delivered", place)
        case .migrating(let from, let to):
            log.log(.notice, "the inbox's database is upgraded from version \(from) to \(to)", place)
            notifier.extendTimeout(by: Daemon.longestOpening)
        }
    }

    /// A message could not be written to standard output.
    func printingFailed(_ error: OSError) {
        guard !isStopping else { return }
        log.log(.error, "messages cannot be written to standard output: \(OSError.text(for: error.number))")
        stop(EX_IOERR)
    }
}
