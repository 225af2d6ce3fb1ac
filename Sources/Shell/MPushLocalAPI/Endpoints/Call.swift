import MPushControl
import MPushJSON
import NIOHTTP1

/// What the head of a request asks for, looked up and checked.
struct Call {
    let declaration: EndpointDeclaration
    let work: EndpointHandler.Work

    /// Throws the problem of a head that asks for nothing that there is among `handlers`, or for what `caller` may not do with
    /// its standing under `rule`.
    init(
        _ head: HTTPRequestHead, among handlers: [EndpointHandler], by caller: Caller, as standing: Standing,
        under rule: AccessRule
    ) throws(Problem) {
        let target = Call.originForm(head.uri).prefix { $0 != "#" }
        let path = target.prefix { $0 != "?" }
        guard let decoded = PercentEncoding.decoded(path, plusIsSpace: false) else {
            throw Problem(.badRequest, "the path has a percent sign that does not begin an escape, or is not UTF-8")
        }
        // An id may have a slash in it, escaped.
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).map {
            PercentEncoding.decoded($0, plusIsSpace: false) ?? ""
        }
        let (handler, name) = try Call.handler(of: head.method, segments, decoded, among: handlers)
        if let name, !handler.declaration.takesID, !FollowerName.isName(name) {
            throw Problem(.badValue, FollowerName.rule("the name in the path"), ["parameter": .string("name")])
        }
        declaration = handler.declaration
        let parameters = try QueryParameters(target.dropFirst(path.count + 1), known: declaration.parameters)
        let prepared = try handler.prepare(name, parameters)
        guard !prepared.isChange || standing.mayChange else {
            let who = caller.userID.map { "the user \($0)" } ?? "a user that this service cannot see (PrivateUsers=)"
            throw Problem(
                .notPermitted, "\(rule.explanation); you are \(who)", ["uid": caller.userID.map { .integer(Int64($0)) }]
            )
        }
        work = prepared.work
    }

    /// Whether a body may come.
    var takesBody: Bool { declaration.body != .none }

    private static func handler(
        of method: HTTPMethod, _ segments: [String], _ path: String, among handlers: [EndpointHandler]
    ) throws(Problem) -> (EndpointHandler, name: String?) {
        var found: [EndpointHandler] = []
        // An id may be any text: what has a name of its own comes first.
        for handler in handlers.filter({ !$0.declaration.takesID }) + handlers.filter(\.declaration.takesID) {
            guard let match = handler.declaration.match(segments) else { continue }
            found.append(handler)
            let wanted = method == .HEAD ? HTTPMethod.GET : method
            if handler.declaration.method.rawValue == wanted.rawValue { return (handler, match.name) }
        }
        guard !found.isEmpty else {
            throw Problem(.notFound, "there is nothing at \(path). See mpushd's openapi.json for what there is")
        }
        let allowed = Call.allowed(found)
        throw Problem(
            .methodNotAllowed, "\(path) knows \(allowed), not \(method.rawValue)", ["allow": .string(allowed)])
    }

    /// The methods of a path, for the field Allow. HEAD goes with GET.
    private static func allowed(_ handlers: [EndpointHandler]) -> String {
        let methods = Set(handlers.map(\.declaration.method.rawValue)).sorted()
        return methods.flatMap { $0 == "GET" ? ["GET", "HEAD"] : [$0] }.joined(separator: ", ")
    }

    /// The target without a scheme and host before it (RFC 9112 section 3.2.2).
    private static func originForm(_ target: String) -> Substring {
        guard target.hasPrefix("http://") else { return target[...] }
        return target.dropFirst("http://".count).drop { $0 != "/" }
    }
}
