import MPushControl
import NIOHTTP1

/// Everything that the local API can be asked, as one closed list: the table that requests are looked up in, and that
/// config/openapi.json is compared with.
enum Endpoint: String, CaseIterable, Sendable {
    case status, listMessages, followMessages, listConsumers, acknowledge, removeConsumer, listEvents, followEvents
    case push, http, bind, unbind, setTags, pause, resume, reconnect, reload
    case listDeadLetters, sendAgain, discard, metrics, health

    var method: HTTPMethod {
        switch self {
        case .status, .listMessages, .followMessages, .listConsumers, .listEvents, .followEvents, .listDeadLetters,
            .metrics, .health:
            .GET
        case .acknowledge, .push, .http, .bind, .unbind, .pause, .resume, .reconnect, .reload, .sendAgain,
            .discard:
            .POST
        case .setTags: .PUT
        case .removeConsumer: .DELETE
        }
    }

    /// The path, with `{name}` for a name.
    var path: String {
        switch self {
        case .status: ControlPath.status
        case .listMessages: ControlPath.messages
        case .followMessages: ControlPath.followMessages
        case .listConsumers: ControlPath.consumers
        case .acknowledge: ControlPath.acks(of: "{name}")
        case .removeConsumer: ControlPath.consumer("{name}")
        case .listEvents: ControlPath.events
        case .followEvents: ControlPath.followEvents
        case .push: ControlPath.push
        case .http: ControlPath.http
        case .bind: ControlPath.bind
        case .unbind: ControlPath.unbind
        case .setTags: ControlPath.tags
        case .pause: ControlPath.pause
        case .resume: ControlPath.resume
        case .reconnect: ControlPath.reconnect
        case .reload: ControlPath.reload
        case .listDeadLetters: ControlPath.deadLetters
        case .sendAgain: ControlPath.sendAgain
        case .discard: ControlPath.discard
        case .metrics: ControlPath.metrics
        case .health: ControlPath.health
        }
    }

    /// The parameters that its query may have.
    var parameters: [String] {
        switch self {
        case .listMessages: ["after", "limit", "identity", "id", "route", "state", "order"]
        case .followMessages: ["consumer", "from", "window"]
        case .listEvents: ["after", "limit"]
        case .followEvents: ["after"]
        case .listDeadLetters: ["route", "after", "after_route", "limit"]
        default: []
        }
    }

    /// Whether it has a body of JSON. It may be left out for those whose members may all be left out.
    var takesBody: Bool { method == .POST || method == .PUT }

    var mayLackBody: Bool { [.pause, .resume, .reconnect, .reload].contains(self) }

    /// Whether it changes something always: then not everybody may. (To follow as a named consumer does, too.)
    var isChange: Bool { method != .GET }

    /// What answers to a path: the endpoints there, and what stands for `{name}` in it. None for no such path.
    static func at(_ path: String) -> (endpoints: [Endpoint], name: String?) {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        var name: String?
        let endpoints = allCases.filter { endpoint in
            let pattern = endpoint.path.split(separator: "/", omittingEmptySubsequences: false)
            guard pattern.count == segments.count else { return false }
            for (wanted, segment) in zip(pattern, segments) where wanted != segment {
                guard wanted == "{name}" else { return false }
                name = String(segment)
            }
            return true
        }
        return (endpoints, name)
    }

    /// The methods of `endpoints`, for the field Allow. HEAD goes with GET.
    static func allowed(_ endpoints: [Endpoint]) -> String {
        let methods = Set(endpoints.map(\.method.rawValue)).sorted()
        return methods.flatMap { $0 == "GET" ? ["GET", "HEAD"] : [$0] }.joined(separator: ", ")
    }
}
