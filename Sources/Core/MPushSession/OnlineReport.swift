/// What is known at the moment at which a session is bound.
package struct OnlineReport: Equatable, Sendable {
    package let userID: String
    /// Whether a stored session was resumed, without RSA.
    package let isResumed: Bool
    /// The heartbeat in force.
    package let heartbeat: Duration
    /// From the secured connection to the answer to BIND.
    package let elapsed: Duration

    package init(userID: String, isResumed: Bool, heartbeat: Duration, elapsed: Duration) {
        self.userID = userID
        self.isResumed = isResumed
        self.heartbeat = heartbeat
        self.elapsed = elapsed
    }
}
