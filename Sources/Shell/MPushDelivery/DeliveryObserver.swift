package import MPushInbox

/// Who hears what becomes of messages. Called on the event loop.
package protocol DeliveryObserver: AnyObject {
    /// A route's target, or a follower, has confirmed the message.
    func messageConsumed(_ position: MessagePosition)
    /// A route's attempt at a message is over.
    func attemptEnded(route: String, result: AttemptResult, took: Duration)
    /// Something in `Delivery.status` has changed.
    func deliveryChanged()
}
