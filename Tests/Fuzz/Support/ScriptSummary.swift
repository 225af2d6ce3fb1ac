/// How far a script came: a seed that comes no further than the door teaches a fuzzer nothing.
package struct ScriptSummary: Equatable, Sendable {
    /// The session was bound.
    package internal(set) var wasOnline = false
    /// Messages that the server pushed.
    package internal(set) var deliveredMessages = 0
    /// Requests that ended, in whatever way.
    package internal(set) var endedRequests = 0
}
