/// Where records go. Called from any thread; never fails, since there is nobody left to tell.
package protocol LogSink: Sendable {
    /// Takes `record` over, in order with what the same thread wrote before.
    func write(_ record: LogRecord)
}
