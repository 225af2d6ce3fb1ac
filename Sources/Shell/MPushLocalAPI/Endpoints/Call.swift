import MPushControl
import MPushJSON
import NIOHTTP1

/// What the head of a request asks for, looked up and checked: an endpoint, the name in its path, its parameters.
struct Call {
    let endpoint: Endpoint
    /// What stands for `{name}` in the path.
    let name: String?
    let parameters: QueryParameters

    /// Throws the problem of a head that asks for nothing that there is, or for what `caller` may not do with its standing
    /// under `rule`.
    init(_ head: HTTPRequestHead, by caller: Caller, as standing: Standing, under rule: AccessRule) throws(Problem) {
        let target = Call.originForm(head.uri).prefix { $0 != "#" }
        let path = target.prefix { $0 != "?" }
        guard let decoded = QueryParameters.decoded(path, plusIsSpace: false) else {
            throw Problem(.badRequest, "the path has a percent sign that begins no escape, or is not UTF-8")
        }
        let (endpoints, name) = Endpoint.at(decoded)
        guard !endpoints.isEmpty else {
            throw Problem(.notFound, "there is nothing at \(decoded). See mpushd's openapi.json for what there is")
        }
        guard let endpoint = endpoints.first(where: { $0.method == head.method || Call.isHead(head, of: $0) }) else {
            let allowed = Endpoint.allowed(endpoints)
            throw Problem(
                .methodNotAllowed, "\(decoded) knows \(allowed), not \(head.method.rawValue)",
                ["allow": .string(allowed)])
        }
        if let name, !Call.isName(name) {
            throw Problem(.badValue, Call.nameRule("the name in the path"), ["parameter": .string("name")])
        }
        self.endpoint = endpoint
        self.name = name
        parameters = try QueryParameters(target.dropFirst(path.count + 1), known: endpoint.parameters)
        // A named follower is remembered, and takes the place of another of the name.
        let isChange = endpoint.isChange || endpoint == .followMessages && parameters["consumer"] != nil
        guard !isChange || standing.mayChange else {
            let who = caller.userID.map { "the user \($0)" } ?? "a user that this service cannot see (PrivateUsers=)"
            throw Problem(
                .notPermitted, "\(rule.words); you are \(who)", ["uid": caller.userID.map { .integer(Int64($0)) }])
        }
    }

    /// Whether `text` can name a follower.
    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && !text.hasPrefix(".")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// What is wrong with a name, in words.
    static func nameRule(_ what: String) -> String {
        "\(what) is not valid: 1 to 64 letters, digits, dots, hyphens and underscores, and no dot at the start"
    }

    private static func isHead(_ head: HTTPRequestHead, of endpoint: Endpoint) -> Bool {
        head.method == .HEAD && endpoint.method == .GET
    }

    /// The target without a scheme and host before it (RFC 9112 section 3.2.2).
    private static func originForm(_ target: String) -> Substring {
        guard target.hasPrefix("http://") else { return target[...] }
        return target.dropFirst("http://".count).drop { $0 != "/" }
    }
}
