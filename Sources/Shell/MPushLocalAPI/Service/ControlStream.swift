package import MPushControl

/// A client that follows something, as the service sees it. Called on the event loop. It is made for a `FollowerSink` that
/// turns messages into reports and passes them on: the meanings are the same.
package protocol ControlStream: AnyObject {
    /// Takes items, in their order, a line each. False when that is enough for now: send nothing more until
    /// `ControlSubscription.wantsMore`. What was handed over is taken in any case.
    func send(_ items: [some ControlValue]) -> Bool
    /// The stream is over, for a reason in words: the client is told, then cut. Nothing may be sent any more, and
    /// `ControlSubscription.close` is not called.
    func end(_ reason: String)
}
