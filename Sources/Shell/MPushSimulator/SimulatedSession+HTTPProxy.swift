import MPushWire
import NIOCore

/// HTTP_PROXY (PROTOCOL.md section 4.7): no request leaves the simulator, the answer is an echo.
extension SimulatedSession {
    func httpProxyReceived(
        _ request: HTTPProxyRequest, _ header: RequestHeader, in registry: inout ServerRegistry
    ) -> [Action] {
        guard registry.settings.servesHTTPProxy else {
            return refuse(header, .unsupportedCommand, "unsupported command", in: &registry)
        }
        let proxied = Action.record(.proxied(uri: request.uri))
        if request.uri.isEmpty {
            // The real server answers twice: it says that the request is bad, and then tries all the same.
            return [proxied, failure(header, 400, "Bad Request"), failure(header, 502, "Bad Gateway")]
        }
        guard request.uri.hasPrefix("http://") || request.uri.hasPrefix("https://") else {
            return [proxied, failure(header, 502, "Bad Gateway")]
        }
        return [proxied, .send(.sealed(.httpProxy, answering: header, Self.echo(request)))]
    }

    private func failure(_ header: RequestHeader, _ status: Int32, _ reason: String) -> Action {
        let answer = HTTPProxyAnswer(status: status, reason: reason, headers: [], body: ByteBuffer())
        return .send(.raw(.httpProxy, answering: header, answer))
    }

    /// 200, with the request as its body.
    private static func echo(_ request: HTTPProxyRequest) -> HTTPProxyAnswer {
        var body = ByteBuffer(string: "\(request.method) \(request.uri)\n")
        for header in request.headers { body.writeString("\(header.name): \(header.value)\n") }
        body.writeString("\n")
        body.writeImmutableBuffer(request.body)
        let type = HTTPProxyHeader(name: "Content-Type", value: "text/plain")
        return HTTPProxyAnswer(status: 200, reason: "OK", headers: [type], body: body)
    }
}
