/// The service's side of a stream: what feeds it. Called on the event loop. `Follower` of MPushDelivery is one by its
/// methods: `extension Follower: ControlSubscription {}`.
package protocol ControlSubscription: AnyObject {
    /// The stream can take more, after it said that it could not.
    func wantsMore()
    /// The client is gone, or was cut: nothing must be sent any more.
    func close()
}
