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
