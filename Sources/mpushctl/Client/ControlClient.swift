import MPushControl
import MPushJSON

/// Asks the daemon over its socket: one connection a request (HTTP/1.1, RFC 9112).
struct ControlClient {
    let path: String
    /// What the daemon knows without asking its disk.
    private static let quick = Duration.seconds(5)
    /// What it has to read, perhaps from all of a large inbox.
    static let reading = Duration.seconds(60)

    /// A request through the server may take its time-out and its repetitions; the daemon bounds them.
    var patience = Duration.seconds(120)

    /// Asks for what changes nothing.
    func get<Query, Answer>(
        _ endpoint: LookEndpoint<Query, Answer>, _ query: Query, within limit: Duration = quick
    ) throws(ControlFailure) -> Answer {
        try answer(of: content(of: endpoint, query, within: limit))
    }

    /// The same, of an answer whose status is a verdict: one of 503 is read like one of 200, unless it is a problem.
    func verdict<Query, Answer>(
        _ endpoint: LookEndpoint<Query, Answer>, _ query: Query
    ) throws(ControlFailure) -> Answer {
        let target = endpoint.declaration.target(name: query.pathName, query: query.pairs)
        let (head, reader) = try exchange(endpoint.declaration.method, target, nil, patience: patience)
        let body = try reader.wholeBody()
        if head.status == 503, let answer = try? Answer(bytes: body) { return answer }
        guard (200..<300).contains(head.status) else { throw ControlClient.problem(head, body) }
        return try answer(of: body)
    }

    /// The body of an answer, as it is.
    func content<Query, Answer>(
        of endpoint: LookEndpoint<Query, Answer>, _ query: Query, within limit: Duration = quick
    ) throws(ControlFailure) -> [UInt8] {
        let target = endpoint.declaration.target(name: query.pathName, query: query.pairs)
        return try open(endpoint.declaration.method, target, nil, patience: min(patience, limit)).wholeBody()
    }

    /// Has something changed, and gives the answer.
    @discardableResult
    func send<Request, Answer>(
        _ endpoint: ChangeEndpoint<Request, Answer>, _ request: Request
    ) throws(ControlFailure) -> Answer {
        let target = endpoint.declaration.target(name: request.pathName)
        let reader = try open(endpoint.declaration.method, target, request.content, patience: patience)
        return try answer(of: reader.wholeBody())
    }

    /// A stream of lines, whose first comes at once or much later. The daemon sends one at least every 30 s.
    func stream<Query, Item>(
        _ endpoint: StreamEndpoint<Query, Item>, _ query: Query
    ) throws(ControlFailure) -> ResponseReader {
        let target = endpoint.declaration.target(query: query.pairs)
        return try open(endpoint.declaration.method, target, nil, patience: .seconds(90))
    }

    private func open(
        _ method: ControlMethod, _ target: String, _ body: JSONValue?, patience: Duration
    ) throws(ControlFailure) -> ResponseReader {
        let (head, reader) = try exchange(method, target, body, patience: patience)
        guard (200..<300).contains(head.status) else { throw ControlClient.problem(head, try reader.wholeBody()) }
        return reader
    }

    /// Asks, whatever the answer's status is.
    private func exchange(
        _ method: ControlMethod, _ target: String, _ body: JSONValue?, patience: Duration
    ) throws(ControlFailure) -> (ResponseHead, ResponseReader) {
        let stream = try UnixStream(path: path, within: patience)
        try stream.write(ControlClient.request(method, target, body))
        let reader = ResponseReader(on: stream.descriptor) { () throws(ControlFailure) in
            try stream.read(within: patience)
        }
        return (try reader.head(), reader)
    }

    private static func problem(_ head: ResponseHead, _ body: [UInt8]) -> ControlFailure {
        guard let json = try? JSONParser.parse(body), let problem = try? Problem(json: json) else {
            return .notUnderstood("HTTP status \(head.status)")
        }
        return .problem(problem)
    }

    private func answer<Answer: ControlAnswer>(of body: [UInt8]) throws(ControlFailure) -> Answer {
        do throws(ControlError) {
            return try Answer(bytes: body)
        } catch {
            throw .notUnderstood("\(error)")
        }
    }

    private static func request(_ method: ControlMethod, _ target: String, _ body: JSONValue?) -> [UInt8] {
        var head = "\(method.rawValue) \(target) HTTP/1.1\r\nHost: mpushd\r\nConnection: close\r\n"
        var content: [UInt8] = []
        if let body {
            body.write(to: &content)
            head += "Content-Type: application/json\r\n"
        }
        if method != .get { head += "Content-Length: \(content.count)\r\n" }
        return Array((head + "\r\n").utf8) + content
    }
}

extension ControlClient {
    /// Throws where the daemon has no identity `name`.
    func check(identity name: String) throws(ControlFailure) {
        let names = try get(ControlAPI.status, NoQuery()).identities.map(\.name)
        if !names.contains(name) { throw .problem(Problem(noIdentity: name, among: names)) }
    }

    /// `name`, or the name of the only identity there is.
    func identity(_ name: String?) throws(ControlFailure) -> String {
        if let name { return name }
        let names = try get(ControlAPI.status, NoQuery()).identities.map(\.name)
        guard names.count == 1, let only = names.first else {
            throw .usage("there are several identities. Choose one with --identity: \(names.joined(separator: ", "))")
        }
        return only
    }
}
