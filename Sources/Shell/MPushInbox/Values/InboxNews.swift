/// What the inbox has to say unasked.
package enum InboxNews: Equatable, Sendable {
    /// It cannot store any more; said once until it can again, or the reason changes.
    case failing(InboxFailure)
    /// It can again.
    case recovered
    /// The database was damaged, is set aside whole, and a new one begun: every consumer begins anew.
    case begunAnew(setAside: String, detail: String)
    /// There is no room: messages are refused. Said once until there is room again.
    case full
    /// There is room again.
    case roomAgain
    /// Messages that somebody still waited for gave way, because of their age or because there was no room.
    case dropped(count: Int)
    /// The database of an earlier version is being brought to this one's.
    case migrating(from: Int, to: Int)
}
