import MPushControl
import MPushModel
import MPushPlatform

extension IdentityReport {
    /// The outage that lasts, as read at `now`; nil while there is none.
    func outageText(at now: WallTime) -> OutageText? {
        outage.map { outage in
            OutageText(
                since: now.advanced(by: .zero - outage.age).humanReadable(at: now), age: outage.age,
                attempts: Int(clamping: outage.attempts), error: lastLoss?.sentence, next: next)
        }
    }

    private var next: OutageText.Next {
        if state == .waiting, let nextAttempt { .attemptIn(nextAttempt) } else { .state(state, for: stateAge ?? .zero) }
    }
}
