import MPushInbox
import MPushModel
import MPushRouting

extension ConsumerChange {
    /// The change as the inbox has it, at the wall clock's `wall`.
    init(_ change: RouteSchedule.Change, wall: WallTime) {
        self =
            switch change {
            case .advanced(let position): .advanced(to: MessagePosition(rawValue: position))
            case .settled(let position): .settled(MessagePosition(rawValue: position))
            case .consumed(let position): .consumed(MessagePosition(rawValue: position))
            case .attempted(let position, let attempts, let wait):
                .attempted(MessagePosition(rawValue: position), attempts: attempts, wait: wait)
            case .buried(let position, let attempts, let reason):
                .buried(MessagePosition(rawValue: position), attempts: attempts, reason: reason, at: wall)
            }
    }
}
