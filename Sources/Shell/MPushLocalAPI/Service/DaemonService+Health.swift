import MPushConnection
package import MPushControl
import MPushIdentity
import MPushInbox
import MPushModel
import MPushPlatform
import NIOCore

/// What probes ask: whether the daemon works, and whether messages come.
extension DaemonService {
    /// How late anything may be before it counts as stuck: what the watchdog takes for that, too.
    private static let grace = Duration.seconds(10)

    /// That this runs says that the event loop goes round. The inbox's thread has to answer as well; whether it finds the disk
    /// good does not count.
    package func live(_ query: NoQuery, answer: @escaping Answer<LiveReport>) {
        // A turn later: after a sleep of the machine all that became due has had its turn by then.
        timer.eventLoop.assumeIsolated().execute { [self] in
            if let name = fleet.overdue(at: clock.now, grace: DaemonService.grace) {
                return answer(.success(LiveReport(stuck: "identity \(name)")))
            }
            inbox.answers { answer(.success(LiveReport(stuck: $0 ? nil : "the inbox"))) }
        }
    }

    package func health(_ question: HealthQuestion, answer: @escaping Answer<HealthReport>) {
        let runners: [IdentityRunner]
        do throws(Problem) {
            runners = try question.identity.map { name throws(Problem) in [try runner(name)] } ?? fleet.runners
        } catch {
            return answer(.failure(error))
        }
        let (states, status) = (runners.map(\.identityState), inbox.status)
        var report = HealthReport(
            isHealthy: !states.isEmpty && states.allSatisfy(\.state.isBound) && status.isHealthy, identities: states)
        if question.isVerbose { report.checks = [status.check] + runners.map(\.check) }
        answer(.success(report))
    }
}

extension InboxStatus {
    fileprivate var check: CheckReport {
        let detail = failure?.detail ?? (isFull ? "full" : "stores messages")
        return CheckReport(name: "inbox", isGood: isHealthy, detail: detail)
    }
}

extension IdentityRunner {
    fileprivate var check: CheckReport {
        let state = status.state
        let reason = state.isBound ? nil : status.lastLoss?.sentence
        return CheckReport(
            name: "identity \(profile.name)", isGood: state.isBound,
            detail: state.rawValue + (reason.map { ": \($0)" } ?? ""))
    }
}
