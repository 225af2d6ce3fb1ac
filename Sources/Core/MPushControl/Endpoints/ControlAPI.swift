package import MPushModel

/// Everything that the local API can be asked, each declared once: the server looks requests up here, mpushctl asks by it,
/// and config/openapi.json is compared with it. No path stands anywhere else.
package enum ControlAPI {
    // Looking
    package static let status = LookEndpoint<NoQuery, DaemonStatus>("status", "/v1/status")
    package static let listMessages = LookEndpoint<MessageQuery, MessagePage>("listMessages", "/v1/messages")
    package static let trace = LookEndpoint<TraceQuestion, TraceReport>("trace", "/v1/messages/{id}")
    package static let listRoutes = LookEndpoint<NoQuery, RouteList>("listRoutes", "/v1/routes")
    package static let listConsumers = LookEndpoint<NoQuery, ConsumerList>("listConsumers", "/v1/consumers")
    package static let listEvents = LookEndpoint<EventQuestion, EventPage>("listEvents", "/v1/events")
    package static let listDeadLetters = LookEndpoint<DeadLetterQuery, DeadLetterPage>(
        "listDeadLetters", "/v1/dead-letters")
    package static let metrics = LookEndpoint<NoQuery, MetricsText>("metrics", "/metrics")
    package static let live = LookEndpoint<NoQuery, LiveReport>("live", "/livez")
    package static let ready = LookEndpoint<HealthQuestion, HealthReport>("ready", "/readyz")
    /// What `ready` was called first; it stays.
    package static let health = LookEndpoint<HealthQuestion, HealthReport>("health", "/healthz")

    // Following
    package static let followMessages = StreamEndpoint<FollowQuestion, StoredMessage>(
        "followMessages", "/v1/messages/follow", access: .lookOrChange)
    package static let followEvents = StreamEndpoint<EventStart, EventReport>("followEvents", "/v1/events/follow")

    // Changing
    package static let acknowledge = ChangeEndpoint<ConsumerRequest<AckRequest>, AckAnswer>(
        "acknowledge", .post, "/v1/consumers/{name}/acks")
    package static let removeConsumer = ChangeEndpoint<RemoveConsumerRequest, NoContent>(
        "removeConsumer", .delete, "/v1/consumers/{name}")
    package static let push = ChangeEndpoint<PushRequest, PushAnswer>("push", .post, "/v1/push")
    package static let http = ChangeEndpoint<ControlHTTPRequest, ControlHTTPAnswer>("http", .post, "/v1/http")
    package static let bind = ChangeEndpoint<ControlBindRequest, BindAnswer>("bind", .post, "/v1/bind")
    package static let unbind = ChangeEndpoint<UnbindRequest, BindAnswer>("unbind", .post, "/v1/unbind")
    package static let setTags = ChangeEndpoint<TagsRequest, BindAnswer>("setTags", .put, "/v1/tags")
    package static let pause = ChangeEndpoint<SteeringRequest, SteeringAnswer>("pause", .post, "/v1/pause")
    package static let resume = ChangeEndpoint<SteeringRequest, SteeringAnswer>("resume", .post, "/v1/resume")
    package static let reconnect = ChangeEndpoint<SteeringRequest, SteeringAnswer>("reconnect", .post, "/v1/reconnect")
    package static let reload = ChangeEndpoint<ReloadRequest, ReloadAnswer>("reload", .post, "/v1/reload")
    package static let sendAgain = ChangeEndpoint<DeadLetterSelection, DeadLetterAnswer>(
        "sendAgain", .post, "/v1/dead-letters/send-again")
    package static let pauseRoute = ChangeEndpoint<RoutePauseRequest, RouteStatus>(
        "pauseRoute", .post, "/v1/routes/{name}/pause")
    package static let resumeRoute = ChangeEndpoint<RouteResumeRequest, RouteStatus>(
        "resumeRoute", .post, "/v1/routes/{name}/resume")
    package static let testRoute = ChangeEndpoint<RouteTestRequest, RouteTestAnswer>(
        "testRoute", .post, "/v1/routes/{name}/test")
    package static let discard = ChangeEndpoint<DeadLetterSelection, DeadLetterAnswer>(
        "discard", .post, "/v1/dead-letters/discard")

    /// All of them.
    package static let all: [any ControlEndpoint] = [
        status, listMessages, listRoutes, listConsumers, listEvents, listDeadLetters, metrics, live, ready, health,
        followMessages, followEvents,
        acknowledge, removeConsumer, push, http, bind, unbind, setTags, pause, resume, reconnect, reload, sendAgain,
        discard, trace, pauseRoute, resumeRoute, testRoute,
    ]
}
