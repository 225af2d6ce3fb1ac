import MPushControl
import MPushJSON

/// What a request is answered with, when it is not a stream.
enum Reply {
    case answer(any ControlAnswer)
    case problem(Problem)

    /// What became of a value that the service was asked for.
    init(_ result: Result<some ControlAnswer, Problem>) {
        switch result {
        case .success(let value): self = .answer(value)
        case .failure(let problem): self = .problem(problem)
        }
    }

    var status: Int {
        switch self {
        case .answer(let answer): answer.status
        case .problem(let problem): problem.status
        }
    }

    /// The type of the body; nil for none.
    var contentType: String? {
        switch self {
        case .answer(let answer): type(of: answer).contentType
        case .problem: "application/problem+json"
        }
    }

    /// The body, where the request was for `path`. JSON ends with a newline, for those who read it on a terminal.
    func body(for path: String) -> [UInt8] {
        switch self {
        case .answer(let answer): return answer.bytes
        case .problem(var problem):
            var body: [UInt8] = []
            problem.instance = problem.instance ?? path
            problem.json.write(to: &body)
            body.append(UInt8(ascii: "\n"))
            return body
        }
    }
}
