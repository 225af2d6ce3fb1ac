import MPushConnection
package import MPushControl
import MPushModel
import MPushSession

/// What happened to an identity since the daemon's start, for `status` and the metrics.
package struct IdentityCounters {
    /// Connections that got as far as a bound user.
    package var connections: UInt64 = 0
    package var attempts: UInt64 = 0
    /// Ends of connections and attempts, by `LossCause.code`.
    package var losses: [String: UInt64] = [:]
    package var heartbeatsSent: UInt64 = 0
    package var heartbeatsAnswered: UInt64 = 0
    package var missedReads: UInt64 = 0
    package var acknowledged: UInt64 = 0
    package var roundTrips = Histogram(.network)
    package var upstream = RequestTally()
    /// The last heartbeat's way there and back.
    package var roundTrip: Duration?

    /// What a connection has counted.
    mutating func add(_ tally: ConnectionTally) {
        heartbeatsSent += tally.heartbeats
        acknowledged += tally.acknowledgements
    }

    /// What another identity has counted.
    mutating func add(_ other: IdentityCounters) {
        connections &+= other.connections
        attempts &+= other.attempts
        losses.merge(other.losses, uniquingKeysWith: &+)
        heartbeatsSent &+= other.heartbeatsSent
        heartbeatsAnswered &+= other.heartbeatsAnswered
        missedReads &+= other.missedReads
        acknowledged &+= other.acknowledged
        roundTrips.add(other.roundTrips)
        upstream.add(other.upstream)
    }

    mutating func heartbeatAnswered(after roundTrip: Duration) {
        heartbeatsAnswered += 1
        self.roundTrip = roundTrip
        roundTrips.observe(roundTrip)
    }

    mutating func count(_ cause: LossCause) {
        losses[cause.code, default: 0] += 1
    }
}

/// An identity's requests to the server, by what was asked.
package struct RequestTally {
    /// Requests of one kind.
    package struct Requests {
        /// By how they ended.
        package var results: [String: Counter] = [:]
        package var time = Histogram(.network)
    }

    package private(set) var requests: [String: Requests] = [:]

    mutating func add(_ other: RequestTally) {
        for (request, tally) in other.requests {
            for (result, counter) in tally.results {
                requests[request, default: Requests()].results[result, default: Counter()].count(counter.value)
            }
            requests[request, default: Requests()].time.add(tally.time)
        }
    }

    mutating func count(_ request: String, _ outcome: RequestOutcome, took: Duration) {
        let result =
            switch outcome {
            case .done, .httpAnswer: "done"
            case .refused, .answerTooLong: "refused"
            case .timedOut: "timed-out"
            case .connectionLost: "connection-lost"
            case .notConnected, .tooLong, .tooMany, .deferred, .superseded, .nobodyBound: "not-sent"
            }
        requests[request, default: Requests()].results[result, default: Counter()].count()
        requests[request, default: Requests()].time.observe(took)
    }
}
