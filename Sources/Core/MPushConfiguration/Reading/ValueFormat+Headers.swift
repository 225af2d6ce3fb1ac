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
        return ValueFormat(noun: "a table", example: example) { node, site in
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
                    site.entry(entry).report("is there twice: capitals make no difference in a header. Write it once.")
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
            site.report("is made by mpushd itself. Leave it out.")
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
                "the value of a header has up to \(longestValue) visible ASCII characters, with spaces between them: "
                    + "no line end, no tab, no other letter.")
            return nil
        }
        return WebhookSettings.HeaderField(name: entry.key, value: value)
    }
}

extension UInt8 {
    /// A character of a token (RFC 9110 section 5.6.2).
    fileprivate var isTokenCharacter: Bool { isLetterOrDigit || "!#$%&'*+-.^_`|~".utf8.contains(self) }
}
