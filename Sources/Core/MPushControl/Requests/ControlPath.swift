/// The paths of the local API.
package enum ControlPath {
    /// Before all but `/metrics`, `/healthz` and `/openapi.json`.
    package static let version = "/v1"

    package static let status = "/v1/status"
    package static let messages = "/v1/messages"
    package static let followMessages = "/v1/messages/follow"
    package static let consumers = "/v1/consumers"
    package static let events = "/v1/events"
    package static let followEvents = "/v1/events/follow"
    package static let push = "/v1/push"
    package static let http = "/v1/http"
    package static let bind = "/v1/bind"
    package static let unbind = "/v1/unbind"
    package static let tags = "/v1/tags"
    package static let pause = "/v1/pause"
    package static let resume = "/v1/resume"
    package static let reconnect = "/v1/reconnect"
    package static let reload = "/v1/reload"
    package static let deadLetters = "/v1/dead-letters"
    package static let sendAgain = "/v1/dead-letters/send-again"
    package static let discard = "/v1/dead-letters/discard"
    package static let metrics = "/metrics"
    package static let health = "/healthz"
    package static let description = "/openapi.json"

    /// One named follower.
    package static func consumer(_ name: String) -> String { consumers + "/" + name }

    /// What a named follower has had.
    package static func acks(of name: String) -> String { consumer(name) + "/acks" }
}
