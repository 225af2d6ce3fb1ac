/// What a daemon costs that has nothing to do.
struct IdleResult: Encodable {
    let watchedSeconds: Double
    /// The medians of several processes.
    let memory: MemoryUse
    /// The PSS of each of them, in bytes.
    let memoryOfProcesses: [Int]
    let threads: Int
    /// How often the daemon woke up: each time it went to sleep again.
    let voluntarySwitches: Int
    /// How often another process was given the core before the daemon was done.
    let involuntarySwitches: Int
    /// Signs of life for the service manager. Each takes one wake-up.
    let watchdogSigns: Int
    /// Heartbeats to the server. Each takes two wake-ups: to send it, and to read the answer.
    let heartbeats: Int

    /// Wake-ups that neither watchdog nor heartbeats explain.
    var unexplained: Int { max(0, voluntarySwitches - watchdogSigns - 2 * heartbeats) }

    var switchesPerMinute: Double { Double(voluntarySwitches + involuntarySwitches) * 60 / watchedSeconds }
}
