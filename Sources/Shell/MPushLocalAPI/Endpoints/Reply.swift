import MPushControl
import MPushJSON

/// What a request is answered with, when it is not a stream.
enum Reply {
    case json(JSONValue, status: Int = 200)
    /// In Prometheus' text format.
    case metrics(String)
    case noContent
    case problem(Problem)

    /// What became of a value that the service was asked for.
    init(_ result: Result<some ControlValue, Problem>) {
        switch result {
        case .success(let value): self = .json(value.json)
        case .failure(let problem): self = .problem(problem)
        }
    }

    var status: Int {
        switch self {
        case .json(_, let status): status
        case .metrics: 200
        case .noContent: 204
        case .problem(let problem): problem.status
        }
    }

    /// The type of the body; nil for none.
    var contentType: String? {
        switch self {
        case .json: "application/json"
        case .metrics: "text/plain; version=0.0.4; charset=utf-8"
        case .noContent: nil
        case .problem: "application/problem+json"
        }
    }

    /// The body, where the request was for `path`. JSON ends with a newline, for those who read it on a terminal.
    func body(for path: String) -> [UInt8] {
        var body: [UInt8] = []
        switch self {
        case .json(let json, _):
            json.write(to: &body)
            body.append(UInt8(ascii: "\n"))
        case .metrics(let text): body = Array(text.utf8)
        case .noContent: break
        case .problem(var problem):
            problem.instance = problem.instance ?? path
            problem.json.write(to: &body)
            body.append(UInt8(ascii: "\n"))
        }
        return body
    }
}
