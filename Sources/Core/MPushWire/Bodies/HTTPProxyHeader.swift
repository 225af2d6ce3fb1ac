/// One header of a proxied request or answer, and the text that carries them all (PROTOCOL.md section 2).
package struct HTTPProxyHeader: Equatable, Sendable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// The headers in `text`: lines of `name:value`, cut at the first colon. A line without a colon has no value.
    static func parse(_ text: String) -> [HTTPProxyHeader] {
        text.split(separator: "\n").map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return HTTPProxyHeader(name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
        }
    }

    static func text(of headers: [HTTPProxyHeader]) -> String {
        headers.map { "\($0.name):\($0.value)\n" }.joined()
    }
}
