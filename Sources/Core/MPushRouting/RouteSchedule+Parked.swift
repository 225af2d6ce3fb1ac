import MPushModel

/// Dead letters that are to be sent again while a message with their key is under way: they wait for its end.
extension RouteSchedule {
    /// Those of one key, which have been looked at. One of them at a time is read again: a thousand cost no more than two
    /// readings each.
    struct ParkedMessages {
        /// In the order in which they came.
        var positions: [Position] = []
        /// It has its turn, until it is under way.
        var called: Position?
    }

    mutating func park(_ position: Position, behind key: String) {
        returned.set(.parked, of: position)
        if parked[key]?.called == position {
            parked[key]?.called = nil
            parked[key]?.positions.insert(position, at: 0)
        } else {
            parked[key, default: ParkedMessages()].positions.append(position)
        }
    }

    /// Has the next one read of each key that is free.
    mutating func callParked(at now: Instant) {
        guard !parked.isEmpty else { return }
        for key in parked.keys.sorted() where !isBusy(key) {
            guard var line = parked[key] else { continue }
            if let called = line.called, let phase = returned[called]?.phase, phase == .waiting || phase == .fetching {
                continue
            }
            // One that was discarded meanwhile is passed over.
            let next = line.positions.firstIndex { returned[$0]?.phase == .parked }
            line.called = next.map { line.positions[$0] }
            line.positions.removeFirst(next.map { $0 + 1 } ?? line.positions.count)
            parked[key] = line.called == nil ? nil : line
            guard let position = line.called else { continue }
            returned.set(.waiting, of: position)
            returnedQueue.set(now, for: position)
        }
    }
}
