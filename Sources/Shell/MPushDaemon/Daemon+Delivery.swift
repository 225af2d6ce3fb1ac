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
        case .failing(let failure): log.log(.inboxFailing, "\(news)", place + [.cause(failure.kind.rawValue)])
        case .recovered: log.log(.inboxRecovered, "\(news)", place)
        case .begunAnew(let setAside, _):
            log.log(.inboxDamaged, "\(news)", [.file(setAside ?? state.path)])
            parts?.delivery.inboxBegunAnew()
            parts?.fleet.inboxBegunAnew()
        case .logLost(let setAside): log.log(.inboxDamaged, "\(news)", [.file(setAside)])
        case .logCut: log.log(.notice, "\(news)", place)
        case .full: log.log(.inboxFull, "\(news)", place)
        case .roomAgain: log.log(.info, "\(news)", place)
        case .dropped: log.log(.messagesDropped, "\(news)", place)
        case .migrating:
            log.log(.notice, "\(news)", place)
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
