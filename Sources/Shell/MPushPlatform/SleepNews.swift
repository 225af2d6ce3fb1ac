/// Says that the machine is about to sleep, and that it has woken, where somebody tells.
package protocol SleepNews: Sendable {
    /// Calls `onNews` on the loop of `timer`, where this has to be called, from now on. Nothing waits for anybody.
    func watch(by timer: LoopTimer, onNews: @escaping (SleepEvent) -> Void) -> any SleepWatch
}

/// What is said of sleep.
package enum SleepEvent: Equatable, Sendable {
    /// It will be said from now on.
    case listening
    /// The machine is about to sleep.
    case sleeps
    /// The machine has woken.
    case woke
    /// Nobody says so, for now; why, for people.
    case unheard(reason: String)
}

/// One who listens. Belongs to its event loop.
package protocol SleepWatch: AnyObject {
    /// Nothing is said any more.
    func close()
}
