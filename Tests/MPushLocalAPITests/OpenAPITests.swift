import MPushControl
import MPushJSON
import MPushModel
import MPushTestSupport
import NIOHTTP1
import Testing

@testable import MPushLocalAPI

/// config/openapi.json says what the server does: no more, no less.
@Suite struct OpenAPITests {
    @Test func theFileHasEveryEndpointAndNoOther() throws {
        let paths = OpenAPIFile.members(try OpenAPIFile().json["paths"])
        let described = paths.flatMap { path in
            OpenAPIFile.members(path.value).map {
                "\($0.name.uppercased()) \(path.name) \($0.value["operationId"]?.string ?? "")"
            }
        }
        let declared = ControlAPI.all.map(\.declaration)
        #expect(described.sorted() == declared.map { "\($0.method.rawValue) \($0.path) \($0.name)" }.sorted())
    }

    @Test(arguments: ControlAPI.all.map(\.declaration))
    func operationsAreAsDeclared(endpoint: EndpointDeclaration) throws {
        let operation = try #require(
            OpenAPIFile().json["paths"]?[endpoint.path]?[endpoint.method.rawValue.lowercased()])
        let parameters = operation["parameters"]?.array ?? []
        #expect(
            parameters.filter { $0["in"] == .string("query") }.compactMap { $0["name"]?.string } == endpoint.parameters)
        #expect(parameters.contains { $0["in"] == .string("path") } == endpoint.isNamed)
        switch endpoint.body {
        case .none: #expect(operation["requestBody"] == nil)
        case .optional: #expect(operation["requestBody"]?["required"]?.bool == false)
        case .required: #expect(operation["requestBody"]?["required"]?.bool == true)
        }
        // Whoever may be refused is told so.
        #expect((operation["responses"]?["403"] != nil) == (endpoint.access != .look))
        if let answer = endpoint.answer {
            let schema = operation["responses"]?["200"]?["content"]?["application/json"]?["schema"]
            // The API's own names are taken where Swift has another type of the name.
            let name = answer.hasPrefix("Control") ? String(answer.dropFirst("Control".count)) : answer
            #expect(schema?["$ref"]?.string == "#/components/schemas/\(name)")
        }
    }

    @Test func eachEndpointIsAnsweredOnce() {
        let answered = FakeService().handlers.map(\.declaration)
        #expect(answered.count == ControlAPI.all.count)
        #expect(Set(answered) == Set(ControlAPI.all.map(\.declaration)))
    }

    @Test func problemsAreDescribedWithTheirStatus() throws {
        let file = try OpenAPIFile()
        let types = file.schema("Problem")["properties"]?["type"]?["enum"]?.array?.compactMap(\.string)
        #expect(types == ProblemType.allCases.map(\.reference))
        for problem in ProblemType.allCases {
            let response = file.json["components"]?["responses"]?["Problem\(problem.status)"]
            #expect(response?["description"]?.string?.contains(problem.reference) == true, "\(problem)")
        }
    }

    @Test func wordsOfClosedListsAreTheSame() throws {
        let file = try OpenAPIFile()
        #expect(
            file.schema("ConnectionState")["enum"]?.array?.compactMap(\.string)
                == ConnectionState.allCases.map(\.rawValue))
        #expect(
            file.schema("HTTPRequest")["properties"]?["method"]?["enum"]?.array?.compactMap(\.string)
                == ProxyMethod.allCases.map(\.rawValue))
        // Routes are named by the keys of their targets; a broker has one of its own.
        let kinds = file.schema("RouteStatus")["properties"]?["kind"]?["enum"]?.array?.compactMap(\.string) ?? []
        #expect(
            kinds.sorted() == (["exec", "stream", "webhook", "file"] + BrokerKind.allCases.map(\.rawValue)).sorted())
    }

    @Test func everySchemaThatIsNamedIsThere() throws {
        let file = try OpenAPIFile()
        func references(_ json: JSONValue) -> [String] {
            switch json {
            case .array(let elements): elements.flatMap(references)
            case .object(let members):
                members.flatMap { $0.name == "$ref" ? [$0.value.string ?? ""] : references($0.value) }
            default: []
            }
        }
        let used = Set(references(file.json))
        for reference in used {
            let parts = reference.split(separator: "/").dropFirst()
            #expect(parts.reduce(Optional(file.json)) { $0?[String($1)] } != nil, "\(reference)")
        }
        let unused = OpenAPIFile.members(file.json["components"]?["schemas"]).map { "#/components/schemas/" + $0.name }
            .filter { !used.contains($0) }
        #expect(unused.isEmpty)
    }

    @Test func whatIsAboutAConnectionOrAMessageNamesItsIdentity() throws {
        let file = try OpenAPIFile()
        for name in ["MessageReport", "EventReport", "PushAnswer", "HTTPAnswer", "BindAnswer", "IdentityState"] {
            #expect(file.schema(name)["required"]?.array?.contains(.string("identity")) == true, "\(name)")
        }
        #expect(file.schema("IdentityReport")["required"]?.array?.contains(.string("name")) == true)
    }

    /// Requests of each endpoint, and the answers of a service that fills in all there is.
    @Test(
        arguments: [
            ("status", "/v1/status", nil), ("listMessages", "/v1/messages", nil),
            ("listConsumers", "/v1/consumers", nil), ("listRoutes", "/v1/routes", nil),
            ("trace", "/v1/messages/a%2Fb%20%23", nil),
            ("pauseRoute", "/v1/routes/hook/pause", #"{"for_seconds":3600}"#),
            ("testRoute", "/v1/routes/hook/test", #"{"identity":"alice","content":"x"}"#),
            ("acknowledge", "/v1/consumers/c/acks", #"{"up_to":4}"#), ("listEvents", "/v1/events", nil),
            ("push", "/v1/push", #"{"content":"x","ack":false}"#),
            ("http", "/v1/http", #"{"url":"http://a/","headers":{"A":"b"}}"#),
            ("bind", "/v1/bind", #"{"identity":"alice","user":"u","tags":["t"]}"#),
            ("unbind", "/v1/unbind", #"{"identity":"alice"}"#),
            ("setTags", "/v1/tags", #"{"identity":"alice","tags":[]}"#), ("pause", "/v1/pause", "{}"),
            ("resume", "/v1/resume", "{}"),
            ("reconnect", "/v1/reconnect", "{}"), ("reload", "/v1/reload", "{}"),
            ("listDeadLetters", "/v1/dead-letters", nil),
            ("sendAgain", "/v1/dead-letters/send-again", #"{"route":"r","all":true}"#),
            ("discard", "/v1/dead-letters/discard", #"{"route":"r","positions":[1]}"#), ("health", "/healthz", nil),
            ("live", "/livez", nil), ("ready", "/readyz?identity=alice&verbose", nil),
        ] as [(String, String, String?)])
    func answersAreAsTheSchemasSay(name: String, path: String, body: String?) async throws {
        let file = try OpenAPIFile()
        let endpoint = try #require(ControlAPI.all.map(\.declaration).first { $0.name == name })
        let operation = file.json["paths"]?[endpoint.path]?[endpoint.method.rawValue.lowercased()]
        if let body {
            let schema = try #require(operation?["requestBody"]?["content"]?["application/json"]?["schema"])
            #expect(file.faults(try JSONParser.parse(body), schema, at: "request").isEmpty)
        }
        let schema = try #require(operation?["responses"]?["200"]?["content"]?["application/json"]?["schema"])
        try await APIBench.run { bench async throws in
            let answer = try Curl(bench, path, ["-X", endpoint.method.rawValue] + (body.map { ["--json", $0] } ?? []))
            #expect(answer.status == 200)
            #expect(file.faults(try #require(answer.json), schema, at: "answer") == [])
        }
    }

    @Test func theCheckerFindsFaults() throws {
        let file = try OpenAPIFile()
        var message = Samples.message("x").json
        #expect(file.faults(of: message, as: "MessageReport") == [])
        guard case .object(let members) = message else { return }
        message = .object(members + [JSONMember("mood", .null)])
        #expect(!file.faults(of: message, as: "MessageReport").isEmpty)
        #expect(!file.faults(of: .object(members.filter { $0.name != "identity" }), as: "MessageReport").isEmpty)
        #expect(!file.faults(of: .object(members.filter { $0.name != "content" }), as: "MessageReport").isEmpty)
    }
}
