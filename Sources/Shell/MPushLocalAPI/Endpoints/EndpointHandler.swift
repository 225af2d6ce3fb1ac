package import MPushControl
import MPushJSON

/// An endpoint together with what answers it. Made from the endpoint's declaration, so that what is asked and what is
/// answered have the declared types.
package struct EndpointHandler {
    /// Hears what became of a request.
    package typealias Answer<Value> = (Result<Value, Problem>) -> Void

    /// A request whose head was understood.
    struct Prepared {
        /// Whether it changes something: then not everybody may.
        let isChange: Bool
        let work: Work
    }

    /// What is to be done for a request.
    enum Work {
        /// Answers once, now or later; the bytes are the request's body.
        case answer(([UInt8], @escaping (Reply) -> Void) -> Void)
        /// Begins a stream, now or later. The name is the follower's.
        case stream(consumer: String?, (any ControlStream, @escaping Answer<any ControlSubscription>) -> Void)
    }

    package let declaration: EndpointDeclaration
    /// From what the path names, and the parameters.
    let prepare: (String?, QueryParameters) throws(Problem) -> Prepared

    /// Looks, at once.
    package init<Query, Value>(_ endpoint: LookEndpoint<Query, Value>, _ look: @escaping (Query) -> Value) {
        self.init(endpoint) { query, answer in answer(.success(look(query))) }
    }

    /// Looks, and answers once, now or later.
    package init<Query, Value>(
        _ endpoint: LookEndpoint<Query, Value>, _ look: @escaping (Query, @escaping Answer<Value>) -> Void
    ) {
        declaration = endpoint.declaration
        prepare = { name, parameters throws(Problem) in
            let query = try Query(parameters.naming(name))
            return Prepared(
                isChange: query.isChange, work: .answer { _, reply in look(query) { reply(Reply($0)) } })
        }
    }

    /// Streams what follows.
    package init<Query, Item>(
        _ endpoint: StreamEndpoint<Query, Item>, consumer: @escaping (Query) -> String? = { _ in nil },
        _ follow: @escaping (Query, any ControlStream, @escaping Answer<any ControlSubscription>) -> Void
    ) {
        declaration = endpoint.declaration
        prepare = { _, parameters throws(Problem) in
            let query = try Query(parameters)
            return Prepared(
                isChange: query.isChange,
                work: .stream(consumer: consumer(query)) { stream, answer in follow(query, stream, answer) })
        }
    }

    /// Changes something, and answers once, now or later.
    package init<Request, Value>(
        _ endpoint: ChangeEndpoint<Request, Value>, _ change: @escaping (Request, @escaping Answer<Value>) -> Void
    ) {
        declaration = endpoint.declaration
        prepare = { name, _ in
            Prepared(
                isChange: true,
                work: .answer { body, reply in
                    do throws(Problem) {
                        let request: Request = try EndpointHandler.read(body, name)
                        change(request) { reply(Reply($0)) }
                    } catch {
                        reply(.problem(error))
                    }
                })
        }
    }

    private static func read<Request: ControlRequest>(_ body: [UInt8], _ name: String?) throws(Problem) -> Request {
        var json: JSONValue?
        let mayBeLeftOut: Bool =
            switch Request.body {
            case .none, .optional: true
            case .required: false
            }
        if !body.isEmpty || !mayBeLeftOut {
            do throws(JSONError) {
                json = try JSONParser.parse(body)
            } catch {
                throw Problem(.badJSON, "the body is \(error)", ["offset": .integer(Int64(error.offset))])
            }
        }
        do throws(ControlError) {
            return try Request(name: name, json: json)
        } catch {
            throw Problem(.badValue, "\(error)", ["pointer": .string(error.pointer)])
        }
    }
}
