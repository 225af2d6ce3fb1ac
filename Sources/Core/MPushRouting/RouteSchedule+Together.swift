package import MPushModel

/// Attempts that are heard of together, as the answers of a stream's program are: what a turn of it costs is paid once.
extension RouteSchedule {
    /// Messages that were confirmed together.
    package mutating func confirmed(_ positions: [Position], at now: Instant) -> [Action] {
        var actions: [Action] = []
        var together: Set<Position> = []
        for position in positions {
            if health.isUntroubled, returned[position] == nil, probeBehind.probe == nil,
                let index = index(of: position),
                window[index].phase == .running
            {
                together.insert(position)
            } else {
                // One by one they may be proofs of something, and end what the others wait for.
                if !together.isEmpty { actions += settle(together) }
                together = []
                actions += attemptEnded(position, .confirmed, at: now)
            }
        }
        guard !together.isEmpty else { return actions }
        shortageBackoff.reset()
        return proceed(actions + settle(together), at: now)
    }

    /// A whole batch was confirmed, and that proves nothing that is not known; nil where it may.
    mutating func settleBatch(_ positions: [Position]) -> [Action]? {
        guard health.isUntroubled, probeBehind.probe == nil,
            positions.allSatisfy({ index(of: $0).map { window[$0].phase == .running } ?? false })
        else { return nil }
        return settle(Set(positions))
    }

    /// The messages at `positions`, all of them in the window, are confirmed.
    private mutating func settle(_ positions: Set<Position>) -> [Action] {
        var changes: [ConsumerChange] = []
        changes.reserveCapacity(positions.count + 1)
        var settled: [Position] = []
        settled.reserveCapacity(positions.count)
        window.removeAll { entry in
            guard positions.contains(entry.position) else { return false }
            windowBytes -= entry.size
            settled.append(entry.position)
            return true
        }
        let cursor = cursor
        for position in settled {
            changes.append(.consumed(position))
            settledAhead.insert(position)
            if cursor < position { changes.append(.settled(position)) }
        }
        changes += advance()
        return [.record(changes)] + settled.map { .forget($0) }
    }
}
