/// Names a durable consumer; routes and followers have names of their own.
package enum ConsumerName: Hashable, Sendable {
    case route(String)
    case follower(String)
}
