import MPushSession

/// The requests of programs and operators that a connection carries, until their outcomes are known. Belongs to its event
/// loop.
struct PendingRequests {
    typealias Completion = (RequestOutcome) -> Void

    private var completions: [RequestToken: Completion] = [:]
    private var last: UInt64 = 0

    /// A name for a request whose outcome `completion` hears, once.
    mutating func add(_ completion: @escaping Completion) -> RequestToken {
        last += 1
        let token = RequestToken(rawValue: last)
        completions[token] = completion
        return token
    }

    /// Who waits for the request; nobody the second time.
    mutating func completed(_ token: RequestToken) -> Completion? {
        completions.removeValue(forKey: token)
    }
}
