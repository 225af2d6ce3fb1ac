package import MPushModel
package import MPushRouting

/// A URL as a route's target: each message is POSTed to it, or several together.
package struct WebhookSettings: Equatable, Sendable {
    /// http or https.
    package let url: HTTPURL
    /// Further fields of the request's head, in their order.
    package let headers: [HeaderField]
    /// The key of the HMAC-SHA256 over the body; nil for no signature.
    package let secret: Credential?
    /// For the whole exchange.
    package let timeLimit: Duration
    /// Authorities for https beside, or instead of, the system's, as `tls.ca_file` has it; nil for the system's.
    package let authorities: FileReference?
    /// What its requests lead through.
    package let proxy: RouteProxy
    /// How long a connection is kept that no request uses; zero for a connection of its own for each request.
    package let keepAlive: Duration
    /// How many messages go in one request; nil for one each, whose body is its content.
    package let batch: Batch?

    /// Several messages in one request.
    package struct Batch: Equatable, Sendable {
        /// What the body is.
        package enum Format: String, CaseIterable, Sendable {
            /// An array (RFC 8259).
            case json
            /// A line for each.
            case ndjson
        }

        package let limits: BatchLimits
        package let format: Format

        package init(limits: BatchLimits, format: Format = .json) {
            self.limits = limits
            self.format = format
        }
    }

    /// A field of an HTTP head.
    package struct HeaderField: Hashable, Sendable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(
        url: HTTPURL, headers: [HeaderField] = [], secret: Credential? = nil, timeLimit: Duration = .seconds(15),
        authorities: FileReference? = nil, proxy: RouteProxy = .inherited, keepAlive: Duration = standardKeepAlive,
        batch: Batch? = nil
    ) {
        self.url = url
        self.headers = headers
        self.secret = secret
        self.timeLimit = timeLimit
        self.authorities = authorities
        self.proxy = proxy
        self.keepAlive = keepAlive
        self.batch = batch
    }

    /// Shorter than servers and address translators keep a connection; those that keep it for less say so, most of them.
    package static let standardKeepAlive = Duration.seconds(30)
}

extension WebhookSettings.HeaderField: CustomStringConvertible, CustomReflectable {
    /// Without the value, which may be a token.
    package var description: String { "\(name): <redacted>" }
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

extension WebhookSettings {
    /// Nil where there is none, and where it is wrong, which is reported.
    init?(reading table: TableReader) {
        let url = table.optional("webhook", takesEffect: .atOnce, .webhookURL)
        let headers = table.optional("headers", takesEffect: .atOnce, .headers) ?? []
        let secret = Credential(reading: table, key: "secret", example: "$CREDENTIALS_DIRECTORY/hook")
        let authorities = table.optional("ca_file", takesEffect: .atOnce, .file(example: "/etc/mpushd/ca.pem"))
        let proxy = RouteProxy(reading: table)
        let keepAlive = table.value(
            "keep_alive", takesEffect: .atOnce, .duration(in: .zero ... .seconds(3600)),
            default: WebhookSettings.standardKeepAlive)
        let batch = Batch(reading: table)
        guard let url else { return nil }
        if url.scheme == .http, table.holds("ca_file") {
            table.site(of: "ca_file").report("has no effect with http. Leave it out, or use https.")
        }
        self.init(
            url: url, headers: headers, secret: secret, timeLimit: table.timeLimit(default: .seconds(15)),
            authorities: authorities, proxy: proxy, keepAlive: keepAlive, batch: batch)
    }
}

extension WebhookSettings.Batch {
    /// Nil where each message goes alone.
    fileprivate init?(reading table: TableReader) {
        let messages = table.value("batch", takesEffect: .atOnce, .count(in: 1...1000), default: 1)
        let standardBytes = 1 << 20
        let bytes = table.value("batch_bytes", takesEffect: .atOnce, .size(in: 1024...16 << 20), default: standardBytes)
        let format = table.value("batch_format", takesEffect: .atOnce, .choice, default: Format.json)
        if messages == 1 {
            // The default changes nothing, and may stand there.
            let others = ["batch_bytes": bytes != standardBytes, "batch_format": format != .json]
            for (key, isOther) in others.sorted(by: { $0.key < $1.key }) where isOther && !table.holds("batch") {
                table.site(of: key).report("has no effect without batch. Leave it out, or set batch = 100.")
            }
            table.hasNoUse(for: ["batch_bytes", "batch_format"])
            return nil
        }
        self.init(limits: BatchLimits(messages: messages, bytes: bytes), format: format)
    }
}

extension ValueFormat<[WebhookSettings.HeaderField]> {
    private static let mostFields = 32
    private static let longestValue = 4096

    /// What the request itself decides, and who would lie about it could smuggle requests (RFC 9112 section 11.2).
    private static let reserved: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect",
    ]

    /// A table of header fields (RFC 9110 section 5). Nothing that is said shows a value: it may be a token.
    static var headers: ValueFormat {
        let example = "{ Authorization = \"Bearer …\" }"
        return ValueFormat(noun: "a table", example: example, isSecret: true) { node, site in
            guard case .table(let entries) = node.value else {
                site.reportType(of: node, wanted: "a table", example: example, isSecret: true)
                return nil
            }
            guard entries.count <= mostFields else {
                site.report("has \(entries.count) fields. It may have \(mostFields).")
                return nil
            }
            var names: Set<String> = []
            let sorted = entries.sorted { $0.keyPosition < $1.keyPosition }
            let fields = sorted.compactMap { entry in
                if !names.insert(entry.key.lowercased()).inserted {
                    site.entry(entry).report("is set twice: header names are case-insensitive. Write it once.")
                }
                return field(entry, site.entry(entry))
            }
            if names.contains("authorization") { Credential.warnIfOthersCanRead(site) }
            return fields
        }
    }

    private static func field(_ entry: TOMLEntry, _ site: ReadingSite) -> WebhookSettings.HeaderField? {
        guard !entry.key.isEmpty, entry.key.utf8.count <= 128, entry.key.utf8.allSatisfy(\.isTokenCharacter) else {
            site.report("is not the name of a header. Write letters, digits and hyphens.")
            return nil
        }
        if reserved.contains(entry.key.lowercased()) {
            site.report("is set by mpushd itself. Leave it out.")
            return nil
        }
        guard case .string(let value) = entry.node.value else {
            site.reportType(of: entry.node, wanted: "a string", example: "\"…\"", isSecret: true)
            return nil
        }
        guard value.utf8.count <= longestValue, value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
            !value.hasPrefix(" "), !value.hasSuffix(" ")
        else {
            site.report(
                "the value of a header may have up to \(longestValue) visible ASCII characters, and spaces between them: "
                    + "no line end, no tab, no other character.")
            return nil
        }
        return WebhookSettings.HeaderField(name: entry.key, value: value)
    }
}

extension UInt8 {
    /// A character of a token (RFC 9110 section 5.6.2).
    fileprivate var isTokenCharacter: Bool { isLetterOrDigit || "!#$%&'*+-.^_`|~".utf8.contains(self) }
}
