/// What was agreed when a session was opened.
struct SessionOpening {
    /// Whether a stored session was resumed, without RSA.
    let isResumed: Bool
    let heartbeat: Duration
}
