import MPushInbox

/// Where nothing can be handed to, because delivery is gone.
final class NoTarget: RouteTarget {
    let kind = ""

    func deliver(_ message: StoredMessage, attempt: Int, done: @escaping (AttemptResult) -> Void) -> () -> Void {
        done(.abandoned)
        return {}
    }
}
