package import MPushJSON

/// An endpoint that changes nothing: whoever can connect may ask it.
package struct LookEndpoint<Query: ControlQuery, Answer: ControlAnswer>: ControlEndpoint {
    package let declaration: EndpointDeclaration

    init(_ name: String, _ path: String) {
        declaration = EndpointDeclaration(
            name: name, method: .get, path: path, parameters: Query.parameters, body: .none, access: .look,
            answer: EndpointDeclaration.schema(Answer.self))
    }
}

/// An endpoint that answers with a line of JSON for each item, until one of both hangs up.
package struct StreamEndpoint<Query: ControlQuery, Item: ControlValue>: ControlEndpoint {
    package let declaration: EndpointDeclaration

    /// `access` is what some queries need at least (`ControlQuery.isChange`).
    init(_ name: String, _ path: String, access: EndpointDeclaration.Access = .look) {
        declaration = EndpointDeclaration(
            name: name, method: .get, path: path, parameters: Query.parameters, body: .none, access: access, answer: nil
        )
    }
}

/// An endpoint that changes something: not everybody may.
package struct ChangeEndpoint<Request: ControlRequest, Answer: ControlAnswer>: ControlEndpoint {
    package let declaration: EndpointDeclaration

    init(_ name: String, _ method: ChangeMethod, _ path: String) {
        declaration = EndpointDeclaration(
            name: name, method: method.method, path: path, parameters: [], body: Request.body, access: .change,
            answer: EndpointDeclaration.schema(Answer.self))
    }

    /// The methods that may change something.
    enum ChangeMethod {
        case post
        case put
        case delete

        fileprivate var method: ControlMethod {
            switch self {
            case .post: .post
            case .put: .put
            case .delete: .delete
            }
        }
    }
}

/// One thing that the local API can be asked.
package protocol ControlEndpoint: Sendable {
    /// What can be said of it without its types.
    var declaration: EndpointDeclaration { get }
}

/// The methods of HTTP that the API knows. HEAD goes with GET.
package enum ControlMethod: String, CaseIterable, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
}

/// An endpoint as the table of the server and config/openapi.json have it.
package struct EndpointDeclaration: Hashable, Sendable {
    /// Whether a request has a body of JSON.
    package enum Body: Sendable {
        case none
        /// All of its members may be left out, and so may it.
        case optional
        case required
    }

    /// Who may ask it.
    package enum Access: Sendable {
        /// Whoever can connect.
        case look
        /// Whoever can connect, but for queries that change something.
        case lookOrChange
        /// Root, the daemon's own user, and its group.
        case change
    }

    /// What stands in a path for the name of something, and for the id of a message, which may be any text.
    private static let (placeholder, idPlaceholder) = ("{name}", "{id}")

    /// `operationId` of the description.
    package let name: String
    package let method: ControlMethod
    /// With `{name}` for a name, or `{id}` for an id.
    package let path: String
    /// The parameters that a query may have.
    package let parameters: [String]
    package let body: Body
    package let access: Access
    /// The schema of the answer in the description; nil for a stream, and where there is no body.
    package let answer: String?

    /// Whether the path names something.
    package var isNamed: Bool { path.contains(EndpointDeclaration.placeholder) || takesID }

    /// Whether what the path names is an id.
    package var takesID: Bool { path.contains(EndpointDeclaration.idPlaceholder) }

    /// The path and the query of a request, escaped (RFC 3986 section 2.1). `name` is what the path names.
    package func target(name: String? = nil, query: [(String, String?)] = []) -> String {
        let target =
            path.split(separator: "/").map { segment in
                EndpointDeclaration.isPlaceholder(segment) ? "/" + PercentEncoding.encoded(name ?? "") : "/" + segment
            }.joined()
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encoded($0))" } }
        return pairs.isEmpty ? target : target + "?" + pairs.joined(separator: "&")
    }

    private static func isPlaceholder(_ segment: some StringProtocol) -> Bool {
        segment == placeholder || segment == idPlaceholder
    }

    /// Whether the path of these `segments`, without escapes, is the endpoint's; then what it names, where it names something.
    package func match(_ segments: [String]) -> PathMatch? {
        let pattern = self.path.split(separator: "/", omittingEmptySubsequences: false)
        guard pattern.count == segments.count else { return nil }
        var name: String?
        for (wanted, segment) in zip(pattern, segments) where wanted != segment {
            guard EndpointDeclaration.isPlaceholder(wanted) else { return nil }
            name = segment
        }
        return PathMatch(name: name)
    }

    /// A path that is an endpoint's.
    package struct PathMatch: Equatable, Sendable {
        /// What it names; nil where it names nothing.
        package let name: String?
    }

    fileprivate static func schema<Answer: ControlAnswer>(_ type: Answer.Type) -> String? {
        Answer.isJSON ? String(describing: type) : nil
    }
}

/// What is asked for in a query.
package protocol ControlQuery: Equatable, Sendable {
    /// The parameters that there are, in the order of the description.
    static var parameters: [String] { get }
    /// Reads the parameters of a query; throws which of them is wrong, and how.
    init(_ parameters: QueryParameters) throws(Problem)
    /// The parameters as they are sent; those that are nil are left out.
    var pairs: [(String, String?)] { get }
    /// What stands in the path for an id.
    var pathName: String? { get }
    /// Whether to ask it changes something.
    var isChange: Bool { get }
}

extension ControlQuery {
    package var pathName: String? { nil }

    package var isChange: Bool { false }
}

/// No parameters.
package struct NoQuery: ControlQuery {
    package static let parameters: [String] = []

    package init() {}

    package init(_ parameters: QueryParameters) {}

    package var pairs: [(String, String?)] { [] }
}

/// What a request for a change says, in its path and its body.
package protocol ControlRequest: Equatable, Sendable {
    static var body: EndpointDeclaration.Body { get }
    /// Reads what stands in the path for `{name}`, and the body; `json` is nil where there is none.
    init(name: String?, json: JSONValue?) throws(ControlError)
    /// What stands in the path for `{name}`.
    var pathName: String? { get }
    /// The body; nil for none.
    var content: JSONValue? { get }
}

/// A request that may have no body: then it is as `init()` makes it.
package protocol OptionalRequest: ControlRequest, ControlValue {
    init()
}

extension OptionalRequest {
    package static var body: EndpointDeclaration.Body { .optional }

    package init(name: String?, json: JSONValue?) throws(ControlError) {
        guard let json else {
            self.init()
            return
        }
        try self.init(json: json)
    }
}

extension ControlRequest where Self: ControlValue {
    package static var body: EndpointDeclaration.Body { .required }

    package init(name: String?, json: JSONValue?) throws(ControlError) {
        guard let json else { throw ControlError(at: "", "is missing") }
        try self.init(json: json)
    }

    package var pathName: String? { nil }

    package var content: JSONValue? { json }
}

/// A request about the follower that its path names.
package struct ConsumerRequest<Body: ControlValue>: ControlRequest {
    package static var body: EndpointDeclaration.Body { .required }

    package let consumer: String
    package let request: Body

    package init(consumer: String, _ request: Body) {
        self.consumer = consumer
        self.request = request
    }

    package init(name: String?, json: JSONValue?) throws(ControlError) {
        guard let name, let json else { throw ControlError(at: "", "is missing") }
        consumer = name
        request = try Body(json: json)
    }

    package var pathName: String? { consumer }

    package var content: JSONValue? { request.json }
}

/// `DELETE /v1/consumers/NAME`
package struct RemoveConsumerRequest: ControlRequest {
    package static var body: EndpointDeclaration.Body { .none }

    package let consumer: String

    package init(consumer: String) {
        self.consumer = consumer
    }

    package init(name: String?, json: JSONValue?) throws(ControlError) {
        guard let name else { throw ControlError(at: "", "is missing") }
        consumer = name
    }

    package var pathName: String? { consumer }

    package var content: JSONValue? { nil }
}

/// What a request is answered with.
package protocol ControlAnswer: Sendable {
    static var isJSON: Bool { get }
    /// The type of the body; nil for none.
    static var contentType: String? { get }
    /// Of HTTP.
    var status: Int { get }
    /// The body.
    var bytes: [UInt8] { get }
    /// Reads the body.
    init(bytes: [UInt8]) throws(ControlError)
}

extension ControlAnswer where Self: ControlValue {
    package static var isJSON: Bool { true }

    package static var contentType: String? { "application/json" }

    package var status: Int { 200 }

    /// With a newline at the end, for those who read it on a terminal.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        json.write(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    package init(bytes: [UInt8]) throws(ControlError) {
        let json: JSONValue
        do throws(JSONError) { json = try JSONParser.parse(bytes) } catch { throw ControlError(at: "", "is \(error)") }
        try self.init(json: json)
    }
}

/// Metrics in Prometheus' text format.
package struct MetricsText: ControlAnswer {
    package static let isJSON = false
    package static let contentType: String? = "text/plain; version=0.0.4; charset=utf-8"

    package let bytes: [UInt8]

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    package var status: Int { 200 }
}

/// It is done, and there is nothing to say of it.
package struct NoContent: ControlAnswer {
    package static let isJSON = false
    package static let contentType: String? = nil

    package init() {}

    package init(bytes: [UInt8]) {}

    package var status: Int { 204 }

    package var bytes: [UInt8] { [] }
}
