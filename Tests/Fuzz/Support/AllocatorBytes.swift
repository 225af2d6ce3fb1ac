import MPushConfiguration
import MPushConnection
import MPushModel

/// What an allocator answers, head and all.
package enum AllocatorBytes {
    /// Takes `input` in, in its pieces and at once: the servers are the same. Returns them; none where the answer is of no
    /// use.
    ///
    /// - Throws: What came of it that must never come of anything.
    @discardableResult
    package static func run(_ input: [UInt8]) throws(InvariantViolation) -> [String] {
        let bytes = CutBytes(input)
        let (pieces, whole) = (bytes.pieces, bytes.whole.nonEmpty.map { [$0] } ?? [])
        let (inPieces, atOnce) = try FuzzLoop.run { world throws(InvariantViolation) in
            (try servers(in: pieces, world.surroundings), try servers(in: whole, world.surroundings))
        }
        try require(inPieces == atOnce, "in pieces \(inPieces), and at once \(atOnce)")
        return atOnce.map(\.description)
    }

    private static func servers(
        in pieces: [[UInt8]], _ surroundings: Connector.Environment
    ) throws(InvariantViolation) -> [Endpoint] {
        let url: HTTPURL
        do throws(Misspelling) { url = try HTTPURL(parsing: "http://allocator.example/") } catch {
            throw InvariantViolation("\(error)")
        }
        var results: [Result<[Endpoint], AllocatorClient.AllocatorFailure>] = []
        let client = AllocatorClient(url, tls: nil, timeout: .seconds(60), userAgent: "x", in: surroundings) {
            results.append($0)
        }
        let channel = try HTTPPeer.connected()
        client.start(over: channel)
        HTTPPeer.speak(pieces, to: channel)
        try require(results.count == 1, "a question ended \(results.count) times")
        switch results[0] {
        case .success(let endpoints):
            try require(
                (1...AllocatorClient.mostEndpoints).contains(endpoints.count), "\(endpoints.count) servers are kept")
            for endpoint in endpoints { try check(endpoint) }
            return endpoints
        case .failure(let failure):
            try require(
                (1...1000).contains(failure.detail.utf8.count), "a failure in \(failure.detail.utf8.count) bytes")
            return []
        }
    }

    /// It can be written and read again, and handed to a resolver and to TLS as a name.
    private static func check(_ endpoint: Endpoint) throws(InvariantViolation) {
        let again = try? Endpoint(parsing: endpoint.description)
        try require(again == endpoint, "\(endpoint) is read as another server")
        try require(endpoint.port != 0, "a server without a port")
        try require(
            (1...253).contains(endpoint.host.utf8.count)
                && endpoint.host.utf8.allSatisfy { (0x21...0x7E).contains($0) },
            "the host \(endpoint.host.debugDescription)")
    }
}
