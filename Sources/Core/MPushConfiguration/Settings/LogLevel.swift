/// How much a log line matters, the least first (syslog(3)).
package enum LogLevel: String, CaseIterable, Sendable {
    /// For whoever works on mpushd.
    case debug
    /// Each thing that matters, once.
    case info
    /// What an operator may want to look at.
    case notice
    /// What an operator should look at.
    case warning
    /// What needs an operator.
    case error
}
