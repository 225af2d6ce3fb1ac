import MPushModel

extension ValueFormat<Endpoint> {
    /// A host and a port.
    static var endpoint: ValueFormat<Endpoint> {
        ValueFormat.spelled("a string", example: "\"push.example.com:3443\"") {
            text, _ throws(Misspelling) in try Endpoint(parsing: text)
        }
    }
}

extension ValueFormat<HTTPURL> {
    /// The URL of an allocator, which may hold a token; one in the clear is warned of.
    static var allocatorURL: ValueFormat<HTTPURL> {
        ValueFormat.spelled("a string", example: "\"https://push.example.com/allocator\"", isSecret: true) {
            text, site throws(Misspelling) in
            let url = try HTTPURL(parsing: text)
            if url.scheme == .http {
                site.warn(
                    "\(url) is queried without TLS: anyone on the network path can answer with another server. "
                        + "Use https if it supports it, or set tls.pins, tls.ca_file or tls.server_name.")
            }
            return url
        }
    }
}

extension ValueFormat<HTTPURL> {
    /// The URL of a webhook. Its path may be what keeps others out, so nothing that is said shows it.
    static var webhookURL: ValueFormat<HTTPURL> {
        ValueFormat.spelled("a string", example: "\"https://hooks.example.com/push\"", isSecret: true) {
            text, site throws(Misspelling) in
            let url = try HTTPURL(parsing: text)
            if url.scheme == .http, !url.isOnThisMachine {
                site.warn(
                    "\(url.hostField) gets the messages without TLS: anyone on the network path can read them. "
                        + "Use https if it supports it.")
            }
            return url
        }
    }
}

extension ValueFormat<PublicKeyPin> {
    /// The pin of a public key.
    static var pin: ValueFormat<PublicKeyPin> {
        ValueFormat.spelled("a string", example: "\"sha256/…=\"") { text, _ throws(Misspelling) in
            try PublicKeyPin(parsing: text)
        }
    }
}
