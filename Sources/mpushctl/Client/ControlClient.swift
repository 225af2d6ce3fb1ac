import MPushControl
import MPushJSON

/// Asks the daemon over its socket: one connection a request (HTTP/1.1, RFC 9112).
struct ControlClient {
    let path: String
    /// A request through the server may take its time-out and its repetitions; the daemon bounds them.
    var patience = Duration.seconds(120)

    /// Asks for a value.
    func get<Value: ControlValue>(
        _ target: String, _ query: [(String, String?)] = [], as type: Value.Type = Value.self
    ) throws(ControlFailure) -> Value {
        try value(of: exchange("GET", target, query, nil))
    }

    /// Sends a value, and gives the answer.
    func send<Value: ControlValue>(
        _ method: String, _ target: String, _ body: some ControlValue, as type: Value.Type = Value.self
    ) throws(ControlFailure) -> Value {
        try value(of: exchange(method, target, [], body.json))
    }

    /// The body of an answer.
    @discardableResult
    func exchange(
        _ method: String, _ target: String, _ query: [(String, String?)], _ body: JSONValue?
    ) throws(ControlFailure) -> [UInt8] {
        let reader = try open(method, target, query, body, patience: patience)
        return try reader.wholeBody()
    }

    /// A stream of lines, whose first comes at once or much later. The daemon sends one at least every 30 s.
    func stream(_ target: String, _ query: [(String, String?)]) throws(ControlFailure) -> ResponseReader {
        try open("GET", target, query, nil, patience: .seconds(90))
    }

    private func open(
        _ method: String, _ target: String, _ query: [(String, String?)], _ body: JSONValue?, patience: Duration
    ) throws(ControlFailure) -> ResponseReader {
        let stream = try UnixStream(path: path, within: patience)
        try stream.write(ControlClient.request(method, target, query, body))
        let reader = ResponseReader { () throws(ControlFailure) in try stream.read(within: patience) }
        let head = try reader.head()
        guard (200..<300).contains(head.status) else { throw try problem(head, reader) }
        return reader
    }

    private func problem(_ head: ResponseHead, _ reader: ResponseReader) throws(ControlFailure) -> ControlFailure {
        let body = try reader.wholeBody()
        guard let json = try? JSONParser.parse(body), let problem = try? Problem(json: json) else {
            return .notUnderstood("HTTP status \(head.status)")
        }
        return .problem(problem)
    }

    private func value<Value: ControlValue>(of body: [UInt8]) throws(ControlFailure) -> Value {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONParser.parse(body)
        } catch {
            throw .notUnderstood("\(error)")
        }
        do throws(ControlError) {
            return try Value(json: json)
        } catch {
            throw .notUnderstood("\(error)")
        }
    }

    static func request(
        _ method: String, _ target: String, _ query: [(String, String?)], _ body: JSONValue?
    ) -> [UInt8] {
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(escaped($0))" } }
        let target = pairs.isEmpty ? target : target + "?" + pairs.joined(separator: "&")
        var head = "\(method) \(target) HTTP/1.1\r\nHost: mpushd\r\nConnection: close\r\n"
        var content: [UInt8] = []
        if let body {
            body.write(to: &content)
            head += "Content-Type: application/json\r\n"
        }
        if method != "GET" { head += "Content-Length: \(content.count)\r\n" }
        return Array((head + "\r\n").utf8) + content
    }

    /// `text` for a path or a query (RFC 3986 section 2.3).
    static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }
}

extension ControlClient {
    /// `name`, or the name of the only identity there is.
    func identity(_ name: String?) throws(ControlFailure) -> String {
        if let name { return name }
        let names = try get("/v1/status", as: DaemonStatus.self).identities.map(\.name)
        guard names.count == 1, let only = names.first else {
            throw .usage("there are several identities. Say which with --identity: \(names.joined(separator: ", "))")
        }
        return only
    }
}
