package import MPushControl
import MPushModel

/// What the local API needs of the daemon. All is called on the event loop, and every answer must come there: once, now or
/// later; after the daemon's stop, too. Whether the caller may do it was checked before.
package protocol ControlService: AnyObject {
    /// What answers each endpoint of `ControlAPI.all`; asked for once.
    var handlers: [EndpointHandler] { get }
}

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

/// The service's side of a stream: what feeds it. Called on the event loop. `Follower` of MPushDelivery is one by its
/// methods: `extension Follower: ControlSubscription {}`.
package protocol ControlSubscription: AnyObject {
    /// The stream can take more, after it said that it could not.
    func wantsMore()
    /// The client is gone, or was cut: nothing must be sent any more.
    func close()
}
