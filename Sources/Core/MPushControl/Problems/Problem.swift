package import MPushJSON

/// Why a request was not done, as `application/problem+json` says it (RFC 9457).
package struct Problem: Error, ControlValue {
    /// The type as a relative reference: `/problems/not-connected`. One of `ProblemType`, or a newer daemon's.
    package let type: String
    package let title: String
    /// Of the HTTP answer.
    package let status: Int
    /// What is wrong this time, and what to do, in words.
    package let detail: String
    /// The path that was asked for; the server fills it in.
    package var instance: String?
    /// Further members, each with a name of its own: `identity`, `offset`, `pointer` ...
    package var extensions: [JSONMember] = []

    /// A problem of a known type.
    package init(_ type: ProblemType, _ detail: String, _ extensions: KeyValuePairs<String, JSONValue?> = [:]) {
        self.type = type.reference
        title = type.title
        status = type.status
        self.detail = detail
        self.extensions = extensions.compactMap { name, value in value.map { JSONMember(name, $0) } }
    }

    /// There is no identity `name`; those that there are are named, up to a bound.
    package init(noIdentity name: String, among names: [String]) {
        let most = 20
        let more = names.count > most ? ", and \(names.count - most) more" : ""
        let list =
            names.isEmpty ? "None is configured" : "There are: \(names.prefix(most).joined(separator: ", "))\(more)"
        self.init(.noSuchIdentity, "There is no identity \(name). \(list).", ["identity": .string(name)])
    }

    /// The type, where it is known here.
    package var known: ProblemType? { ProblemType.allCases.first { $0.reference == type } }
}

extension Problem {
    private static let ownNames: Set = ["type", "title", "status", "detail", "instance"]

    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        type = try object.textIfPresent("type") ?? "about:blank"
        title = try object.textIfPresent("title") ?? ""
        status = try object.numberIfPresent("status") ?? 0
        detail = try object.textIfPresent("detail") ?? ""
        instance = try object.textIfPresent("instance")
        if case .object(let members) = json {
            extensions = members.filter { !Problem.ownNames.contains($0.name) }
        }
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("type", type)
        object.add("title", title)
        object.add("status", status)
        object.add("detail", detail)
        object.add("instance", instance)
        for member in extensions { object.add(member.name, json: member.value) }
        return object.json
    }
}

/// What can be wrong with a request, or with what it asks for: the closed list of the local API. The raw value is the end
/// of the problem's type, `/problems/not-connected`.
package enum ProblemType: String, CaseIterable, Sendable {
    // The request itself
    case badRequest = "bad-request"
    case badJSON = "bad-json"
    case badValue = "bad-value"
    case notFound = "not-found"
    case methodNotAllowed = "method-not-allowed"
    case unsupportedMediaType = "unsupported-media-type"
    case bodyTooLarge = "body-too-large"
    case headTooLarge = "head-too-large"
    case requestTimeout = "request-timeout"
    case expectationFailed = "expectation-failed"
    case notPermitted = "not-permitted"
    case tooManyConnections = "too-many-connections"
    // What it names
    case noSuchIdentity = "no-such-identity"
    case identityNeeded = "identity-needed"
    case noSuchRoute = "no-such-route"
    case noSuchConsumer = "no-such-consumer"
    case noSuchMessage = "no-such-message"
    case consumerInUse = "consumer-in-use"
    // The connection to the server
    case nobodyBound = "nobody-bound"
    case superseded
    case notConnected = "not-connected"
    case paused
    case serverRefused = "server-refused"
    case serverTimedOut = "server-timed-out"
    case connectionLost = "connection-lost"
    case contentTooLong = "content-too-long"
    case answerTooLong = "answer-too-long"
    case tooManyRequests = "too-many-requests"
    case httpProxyUnsupported = "http-proxy-unsupported"
    // The daemon itself
    case inboxFailing = "inbox-failing"
    case badConfiguration = "bad-configuration"
    case switchedOff = "switched-off"
    case stopping
    case ownFault = "own-fault"

    /// The type as a relative reference (RFC 9457 section 3.1.1).
    package var reference: String { "/problems/" + rawValue }

    /// The status that it is answered with.
    package var status: Int {
        switch self {
        case .badRequest, .badJSON, .badValue, .identityNeeded: 400
        case .notPermitted: 403
        case .notFound, .noSuchIdentity, .noSuchRoute, .noSuchConsumer, .noSuchMessage: 404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .paused, .consumerInUse, .nobodyBound, .superseded: 409
        case .bodyTooLarge, .contentTooLong: 413
        case .unsupportedMediaType: 415
        case .expectationFailed: 417
        case .badConfiguration: 422
        case .tooManyRequests: 429
        case .headTooLarge: 431
        case .ownFault: 500
        case .httpProxyUnsupported: 501
        case .serverRefused, .connectionLost, .answerTooLong: 502
        case .tooManyConnections, .notConnected, .inboxFailing, .switchedOff, .stopping: 503
        case .serverTimedOut: 504
        }
    }

    /// The problem in a few words, the same each time.
    package var title: String {
        switch self {
        case .badRequest: "Bad request"
        case .badJSON: "The body is not JSON"
        case .badValue: "A value is wrong or missing"
        case .notFound: "Not found"
        case .methodNotAllowed: "The method is not allowed for this path"
        case .unsupportedMediaType: "The body's type is not supported"
        case .bodyTooLarge: "The body is too large"
        case .headTooLarge: "The head is too large"
        case .requestTimeout: "The request took too long to arrive"
        case .expectationFailed: "The expectation cannot be met"
        case .notPermitted: "Not permitted"
        case .tooManyConnections: "Too many connections"
        case .noSuchIdentity: "There is no such identity"
        case .identityNeeded: "Which identity?"
        case .noSuchRoute: "There is no such route"
        case .noSuchConsumer: "There is no such consumer"
        case .noSuchMessage: "There is no such message"
        case .consumerInUse: "The consumer is connected"
        case .nobodyBound: "Nobody is to be bound"
        case .superseded: "A later request replaced this one"
        case .notConnected: "Not connected"
        case .paused: "The identity is paused"
        case .serverRefused: "The server refused"
        case .serverTimedOut: "The server did not answer in time"
        case .connectionLost: "The connection was lost meanwhile"
        case .contentTooLong: "The content is too long for the server"
        case .answerTooLong: "The server's answer is too long"
        case .tooManyRequests: "Too many requests are waiting for their answers"
        case .httpProxyUnsupported: "The server makes no HTTP requests"
        case .inboxFailing: "The inbox is not available now"
        case .badConfiguration: "The configuration has errors"
        case .switchedOff: "The local API is switched off"
        case .stopping: "The daemon is stopping"
        case .ownFault: "Internal error of the daemon"
        }
    }
}
