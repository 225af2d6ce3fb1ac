package import MPushModel

/// What the inbox has to say unasked.
package enum InboxNews: Equatable, Sendable {
    /// It cannot store any more; said once until it can again, or the reason changes.
    case failing(InboxFailure)
    /// It can again.
    case recovered
    /// The database is gone, and a new one begun: every consumer begins anew. It was damaged and stands at `setAside` now,
    /// whole; or it was removed, and `setAside` is nil.
    case begunAnew(setAside: String?, detail: String)
    /// The database's log was damaged and stands there now: what was stored last may be missing.
    case logLost(setAside: String)
    /// So many transactions at the end of the log are not in use, because one is not whole: a power cut or a kill leaves
    /// that of what was not acknowledged, and a disk that damages files of what was.
    case logCut(transactions: Int)
    /// There is no room: messages are refused. Said once until there is room again, with what is in the way;
    /// both once a minute at most.
    case full(InboxHolder?)
    /// There is room again.
    case roomAgain
    /// Messages that somebody still waited for gave way, because of their age or because there was no room.
    case dropped(count: Int)
    /// The database of an earlier version is being brought to this one's.
    case migrating(from: Int, to: Int)
}

extension InboxNews: CustomStringConvertible {
    /// For people.
    package var description: String {
        switch self {
        case .failing(let failure):
            "the inbox cannot store messages; what is not stored is not acknowledged: \(failure.detail)"
        case .recovered: "the inbox stores messages again"
        case .begunAnew(let setAside?, let detail):
            "the inbox's database is damaged (\(detail)); it is set aside as \(setAside), a new one is in use"
        case .begunAnew(nil, let detail): "the inbox's database is gone: \(detail), a new one is in use"
        case .logLost(let setAside):
            "the inbox's log is damaged: what was stored last, and acknowledged, may be missing; it is set aside as "
                + "\(setAside), the database is in use as it was before"
        case .logCut(let count):
            "the inbox's log ends with \(InboxNews.count(count, "transaction")) that cannot be used: a power failure "
                + "or a kill leaves so what was not acknowledged yet; if there was none, the disk has damaged what was "
                + "stored last"
        case .full(let holder): InboxHolder.refusal(because: holder)
        case .roomAgain: "the inbox has room again"
        case .dropped(let count): "dropped before delivery: \(InboxNews.count(count, "message"))"
        case .migrating(let from, let to): "the inbox's database is upgraded from version \(from) to \(to)"
        }
    }

    private static func count(_ count: Int, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }
}
