package import MPushModel
import MPushWire

/// Whether the connection is alive, and whether we read (PROTOCOL.md section 6).
extension SessionStateMachine {
    /// Bytes came from the server, whatever they say.
    package mutating func bytesRead(at now: Instant) -> [SessionAction] {
        guard case .open(var open) = phase else { return [] }
        let isRecovered = open.health.bytesRead(at: now)
        open.doubt = nil
        phase = .open(open)
        return isRecovered ? [.report(.readRecovered)] : []
    }

    /// Bytes were handed to the kernel.
    package mutating func bytesWritten(at now: Instant) {
        guard case .open(var open) = phase else { return }
        open.health.bytesWritten(at: now)
        phase = .open(open)
    }

    /// We stopped reading, because what was read cannot be put anywhere. Until `readingResumed` neither silence nor an answer
    /// that is not there counts.
    package mutating func readingPaused(at now: Instant) {
        requests.readingPaused(at: now)
        guard case .open(var open) = phase else { return }
        open.health.readingPaused()
        phase = .open(open)
    }

    /// We read again.
    package mutating func readingResumed(at now: Instant) {
        requests.readingResumed(at: now)
        guard case .open(var open) = phase else { return }
        open.health.readingResumed(at: now)
        phase = .open(open)
    }

    /// A heartbeat came.
    package mutating func heartbeatReceived(at now: Instant) -> [SessionAction] {
        lastServerError = nil
        guard case .open(var open) = phase, let roundTrip = open.health.heartbeatReceived(at: now) else { return [] }
        phase = .open(open)
        return [.report(.heartbeatAnswered(roundTrip: roundTrip))]
    }

    /// Ask the server this often from now on, but no more seldom than it asks for.
    package mutating func beat(every interval: Duration) {
        guard case .open(var open) = phase else { return }
        open.health.beat(every: interval)
        phase = .open(open)
    }

    /// The way to the server is another one, or the machine has slept: an open session asks the server at once, with short
    /// deadlines. One that is not open yet ends. Where no answer comes, the `reason` is in the cause; nil for that of silence.
    package mutating func pathDoubted(_ reason: String?, at now: Instant) -> [SessionAction] {
        switch phase {
        case .open(var open):
            open.doubt = reason ?? open.doubt
            let verdicts = open.health.doubted(at: now)
            phase = .open(open)
            return verdicts.flatMap { carryOut($0) }
        case .idle, .resuming, .handshaking: return reason.map { close(.networkChanged(detail: $0)) } ?? []
        case .closed: return []
        }
    }

    mutating func carryOut(_ verdict: HealthCheck.Verdict) -> [SessionAction] {
        guard case .open(let open) = phase else { return [] }
        switch verdict {
        case .beat: return [.sendHeartbeat]
        case .missed(let silence):
            return [.report(.readMissed(silence: silence, isAsking: settings.health.confirmation != nil))]
        case .dead(let count, let silence):
            let cause = open.doubt.map { LossCause.networkChanged(detail: "\($0), and the server does not answer") }
            return close(cause ?? .missedReads(count: count, silence: silence))
        }
    }
}
