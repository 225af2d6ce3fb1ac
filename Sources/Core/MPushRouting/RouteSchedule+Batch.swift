package import MPushModel

/// How many messages go in one request, at most: whichever bound is reached first. One message always goes.
package struct BatchLimits: Equatable, Sendable {
    package let messages: Int
    /// Bytes of their contents.
    package let bytes: Int

    /// Each message on its own.
    package static let single = BatchLimits(messages: 1, bytes: .max)

    package init(messages: Int, bytes: Int) {
        self.messages = max(1, messages)
        self.bytes = max(1, bytes)
    }
}

/// How an attempt at several messages together ended.
package enum BatchResult: Equatable, Sendable {
    /// The target took all or none, or there is no answer.
    case whole(AttemptResult)
    /// The target said of each, in the order of the batch, what became of it.
    case each([AttemptResult])

    /// With what was wrong within bounds.
    package var bounded: BatchResult {
        switch self {
        case .whole(let result): .whole(result.bounded)
        case .each(let results): .each(results.map(\.bounded))
        }
    }
}

/// Several messages in one attempt. Where such an attempt fails as a whole in a way that may be the doing of one of them, no
/// attempt is counted and nothing is given up: smaller batches find the message, which is then judged on its own.
extension RouteSchedule {
    /// A message of a batch.
    package struct Start: Equatable, Sendable {
        package let position: Position
        package let attempt: Int
    }

    /// The attempt at `positions`, which were started together, is over.
    package mutating func batchEnded(_ positions: [Position], _ result: BatchResult, at now: Instant) -> [Action] {
        // Of one message there is no more to say than of any other.
        var result = result
        if case .each(let results) = result, results.count == 1 { result = .whole(results[0]) }
        switch result {
        case .whole(let result):
            noteShortage(result, at: now)
            if positions.count > 1, let actions = split(positions, result, at: now) {
                return proceed(actions, at: now)
            }
            if result == .confirmed {
                growBatches()
                if positions.count > 1, let actions = settleBatch(positions) { return proceed(actions, at: now) }
            }
            var actions: [Action] = []
            for position in positions { actions += ended(position, result, at: now) }
            return proceed(actions, at: now)
        case .each(let results):
            growBatches()
            return proceed(eachEnded(Array(zip(positions, results)), at: now), at: now)
        }
    }

    /// A batch was taken: the next may be larger again.
    mutating func growBatches() { batchLimit = min(settings.batch.messages, batchLimit * 2) }

    /// Nil where the result does not depend on what a message is.
    private mutating func split(_ positions: [Position], _ result: AttemptResult, at now: Instant) -> [Action]? {
        switch result {
        case .confirmed, .unavailable, .postponed, .abandoned: return nil
        case .rejected:
            // It may be too large, or one of them is bad: halves are tried at once.
            batchLimit = max(1, positions.count / 2)
        case .failed(_, let retryAfter):
            // It may be the target's fault as well, which one message shows as well as many.
            batchLimit = 1
            heldUntil = max(heldUntil ?? now, now + wait(after: 1, retryAfter, at: now))
        }
        return positions.flatMap { windowEnded($0, .abandoned, isProbe: false, at: now) }
    }

    /// Failures first: what is confirmed with them shows that they are the messages' own.
    private mutating func eachEnded(_ ends: [(position: Position, result: AttemptResult)], at now: Instant) -> [Action]
    {
        let confirmed = ends.filter { $0.result == .confirmed }
        let others = ends.filter { $0.result != .confirmed }
        if !confirmed.isEmpty, health.isDown { endOutage() }
        var actions: [Action] = []
        for end in others {
            actions += ended(end.position, end.result, at: now)
            if !confirmed.isEmpty { health.tookAnother() }
        }
        guard let number = confirmed.compactMap({ end in index(of: end.position).map { window[$0].number } }).max()
        else { return actions }
        for end in confirmed { actions += windowEnded(end.position, .confirmed, isProbe: false, at: now) }
        return actions + targetIsWell(number, together: Set(others.map(\.position)), isProbe: false, at: now)
    }
}
