package import MPushModel

/// `[server]`: where the server is and how it is known.
package struct ServerSettings: Equatable, Sendable {
    /// Where the server listens. Empty only where there is an allocator.
    package let endpoints: [Endpoint]

    /// Which endpoint is tried first.
    package let order: EndpointOrder

    /// Where the endpoints are asked for; nil for the listed ones alone.
    package let allocator: HTTPURL?

    /// How long the allocator may take to answer.
    package let allocatorTimeout: Duration

    /// The server's RSA key, to which the handshake is encrypted.
    package let publicKey: ServerPublicKey

    /// What is tried after it, in this order, where the server refuses it: while the server changes its key.
    package let otherPublicKeys: [ServerPublicKey]

    /// What the connection runs on.
    package let transport: ServerTransport
}

extension ServerSettings {
    init?(reading table: TableReader) {
        let listed = table.optional("endpoints", takesEffect: .atNextConnection, .list(of: .endpoint, atMost: 64))
        order = table.value("order", takesEffect: .atNextConnection, .choice, default: .listed)
        allocator = table.optional("allocator", takesEffect: .atNextConnection, .allocatorURL)
        allocatorTimeout = table.value(
            "allocator_timeout", takesEffect: .atNextConnection, .duration(in: .seconds(1) ... .seconds(300)),
            default: .seconds(10))
        let keys = table.required(
            "public_key", takesEffect: .byNewConnection,
            .oneOrMore(of: .publicKey, atMost: 4, emptyMeans: "no handshake can be made"),
            meaning: "the server's RSA public key")
        transport = table.value("transport", takesEffect: .byNewConnection, .choice, default: .tls)
        endpoints = listed ?? []
        ServerSettings.check(listed, in: table)
        if transport == .plaintext { ServerSettings.warnOfPlaintext(in: table) }
        guard let keys, let first = keys.first else { return nil }
        publicKey = first
        otherPublicKeys = Array(keys.dropFirst())
    }

    private static func check(_ endpoints: [Endpoint]?, in table: TableReader) {
        if !table.holds("endpoints"), !table.holds("allocator") {
            table.reportMissing(
                "endpoints", meaning: "where the server listens", example: "[\"push.example.com:3443\"]")
        }
        guard let endpoints else { return }
        if endpoints.isEmpty, !table.holds("allocator") {
            table.site(of: "endpoints").report("is empty. Write one at least, or an allocator to ask.")
        }
        let repeated = Dictionary(grouping: endpoints, by: \.self).filter { $0.value.count > 1 }.keys
        for endpoint in repeated.sorted(by: { $0.description < $1.description }) {
            table.site(of: "endpoints").warn("\(endpoint) is listed more than once.")
        }
    }

    private static func warnOfPlaintext(in table: TableReader) {
        table.site(of: "transport").warn(
            "only MPush's own encryption protects this connection: anyone on the network path can intercept it. "
                + "Write \"tls\" if the server supports it.")
    }
}

/// What the connection to the server runs on.
package enum ServerTransport: String, CaseIterable, Sendable {
    /// TLS over TCP.
    case tls
    /// TCP alone. Never a default, and warned of at each start.
    case plaintext
}

/// Which of several endpoints is tried first.
package enum EndpointOrder: String, CaseIterable, Sendable {
    /// The first one listed; the next when it fails.
    case listed
    /// Any, so that many daemons spread over the servers.
    case shuffled
}
