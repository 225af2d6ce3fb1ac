extension WebhookSettings {
    /// Nil where there is none, and where it is wrong, which is reported.
    init?(reading table: TableReader) {
        let url = table.optional("webhook", .webhookURL)
        let headers = table.optional("headers", .headers) ?? []
        let secret = Credential(reading: table, key: "secret", example: "$CREDENTIALS_DIRECTORY/hook")
        let authorities = table.optional("ca_file", .file(example: "/etc/mpushd/ca.pem"))
        guard let url else { return nil }
        if url.scheme == .http, table.holds("ca_file") {
            table.site(of: "ca_file").report("is of no use with http. Leave it out, or use https.")
        }
        self.init(
            url: url, headers: headers, secret: secret, timeLimit: table.timeLimit(default: .seconds(15)),
            authorities: authorities)
    }
}
