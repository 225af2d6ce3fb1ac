import MPushInbox

/// Where a route's messages go. Belongs to the event loop.
protocol RouteTarget: AnyObject {
    /// `exec`, `webhook` or `file`.
    var kind: String { get }

    /// Hands `message` over; `done` is called once. What is given back ends the attempt before its time: it is `abandoned`
    /// then, if it was not confirmed already.
    func deliver(_ message: StoredMessage, attempt: Int, done: @escaping (AttemptResult) -> Void) -> () -> Void
}
