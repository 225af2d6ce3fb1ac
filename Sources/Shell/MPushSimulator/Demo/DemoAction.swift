/// What a demo has to do next.
package enum DemoAction: Equatable, Sendable {
    case announce(String)
    case perform(DemoStimulus)
    /// Say that what was expected has come, so long after the act began.
    case approve(String, after: Duration)
    /// Say what did not happen as it should.
    case complain(String)
    /// Ask mpushd to end (SIGTERM).
    case stopDaemon
    /// Make it end (SIGKILL).
    case killDaemon
    /// All is over, and mpushd does not run any more.
    case finish
}
