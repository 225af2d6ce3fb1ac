/// What became of a message that was to be stored.
package enum StoreOutcome: Equatable, Sendable {
    /// It is on the disk.
    case stored(StoredMessage)
    /// It is on the disk already. `isConsumed` where a consumer has confirmed it.
    case duplicate(of: MessagePosition, isConsumed: Bool)
    /// There is no room.
    case full
    /// The disk or the database does not take it.
    case failed(InboxFailure)
}
