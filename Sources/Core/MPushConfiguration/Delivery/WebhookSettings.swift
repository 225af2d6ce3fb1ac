/// A URL as a route's target: each message is POSTed to it.
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

    /// A field of an HTTP head.
    package struct HeaderField: Equatable, Sendable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(
        url: HTTPURL, headers: [HeaderField] = [], secret: Credential? = nil, timeLimit: Duration = .seconds(15),
        authorities: FileReference? = nil
    ) {
        self.url = url
        self.headers = headers
        self.secret = secret
        self.timeLimit = timeLimit
        self.authorities = authorities
    }
}

extension WebhookSettings.HeaderField: CustomStringConvertible, CustomReflectable {
    /// Without the value, which may be a token.
    package var description: String { "\(name): <redacted>" }
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
