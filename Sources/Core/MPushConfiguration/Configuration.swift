/// What mpushd is to do: everything that `mpushd.toml` says, checked, with a value for all that it leaves out.
///
/// Two configurations are equal where they ask for the same, wherever in their files it is written.
package struct Configuration: Equatable, Sendable {
    /// Where the server is and how it is known.
    package let server: ServerSettings

    /// What the server has to prove, and what is proved to it.
    package let tls: TLSSettings

    /// What connections lead through.
    package let proxy: ProxySettings

    /// As whom to connect: at least one, in the order of the file, no name and no user twice.
    package let identities: [IdentitySettings]

    /// What the handshake tells the server about this client.
    package let client: ClientSettings

    /// How a dead connection is noticed.
    package let heartbeat: HeartbeatSettings

    /// How long each step may take.
    package let timeouts: TimeoutSettings

    /// How long to wait after a lost connection.
    package let reconnect: ReconnectSettings

    /// The sizes beyond which mpushd does not go.
    package let limits: LimitSettings

    /// What is written to the journal.
    package let log: LogSettings

    /// Where mpushd keeps what outlives it.
    package let state: StateSettings

    /// How long and how much is kept.
    package let inbox: InboxSettings

    /// Whom messages are handed to, in the order of the file; no name twice.
    package let routes: [RouteSettings]

    /// The local API.
    package let api: APISettings

    /// What the metrics show.
    package let metrics: MetricsSettings

    /// What `changes(from:to:)` compares.
    package let digest: ConfigurationDigest
}

/// A configuration that was found good, and what should be said about it all the same.
package struct CheckedConfiguration: Equatable, Sendable {
    /// The configuration.
    package let configuration: Configuration

    /// What to warn of, in the order of the lines.
    package let warnings: [ConfigurationProblem]

    /// Every key that has a value, set or by default, in the order in which they are read.
    package let values: [EffectiveValue]
}

extension Configuration {
    /// Reads a configuration (TOML 1.0 in UTF-8, 1 MiB at most).
    ///
    /// - Parameters:
    ///   - text: The bytes of the file.
    ///   - fileName: What the file is called in messages; it is also asked about in `environment`.
    ///   - environment: The variables and files that the configuration may refer to.
    /// - Throws: Every error there is, at once; of errors of syntax only the first.
    package static func parse(
        _ text: [UInt8], named fileName: String, in environment: any ConfigurationEnvironment
    ) throws(ConfigurationErrors) -> CheckedConfiguration {
        try parse(ConfigurationText(name: fileName, bytes: text), [], in: environment)
    }

    /// The same of a file and of others that are merged into it, in their order.
    package static func parse(
        _ main: ConfigurationText, _ fragments: [ConfigurationText], in environment: any ConfigurationEnvironment
    ) throws(ConfigurationErrors) -> CheckedConfiguration {
        let fileName = main.name
        var root = try document(main)
        for fragment in fragments { root = root.merged(with: try document(fragment)) }
        let context = ReadingContext(file: fileName, environment: environment)
        let configuration = Configuration(reading: root, in: context)
        context.reportUnknownKeys()
        if let first = context.errors.first {
            throw ConfigurationErrors(first, Array(context.errors.dropFirst()), warnings: context.warnings)
        }
        guard let configuration else {
            // Not reached: whatever makes reading fail reports why.
            let location = SourceLocation(file: fileName)
            throw ConfigurationErrors(ConfigurationProblem(.error, at: location, "cannot be read"))
        }
        return CheckedConfiguration(
            configuration: configuration, warnings: context.warnings.inOrderOfLines(), values: context.values)
    }

    private static func document(_ text: ConfigurationText) throws(ConfigurationErrors) -> TOMLNode {
        do {
            return try TOMLDocument.parse(text.bytes, file: text.name)
        } catch {
            let (line, column) = (error.position.line, error.position.column)
            let location = SourceLocation(file: text.name, line: line, column: column)
            throw ConfigurationErrors(ConfigurationProblem(.error, at: location, "not TOML: \(error.message)."))
        }
    }

    /// Reads all tables of `root` and reports to `context`; nil where something required is missing or wrong.
    init?(reading root: TOMLNode, in context: ReadingContext) {
        guard case .table(let entries) = root.value else { return nil }
        let file = TableReader(name: "", at: SourceLocation(file: context.file), entries: entries, in: context)
        let server = ServerSettings(reading: file.table("server"))
        tls = TLSSettings(reading: file.table("tls"), transport: server?.transport)
        proxy = ProxySettings(reading: file.table("proxy"))
        limits = LimitSettings(reading: file.table("limits"))
        let identities = IdentitySettings.list(reading: file.tables("identity"), largestBody: limits.maximumSend)
        client = ClientSettings(reading: file.table("client"))
        heartbeat = HeartbeatSettings(reading: file.table("heartbeat"))
        timeouts = TimeoutSettings(reading: file.table("timeouts"))
        reconnect = ReconnectSettings(reading: file.table("reconnect"))
        log = LogSettings(reading: file.table("log"))
        state = StateSettings(reading: file.table("state"))
        inbox = InboxSettings(reading: file.table("inbox"), largestMessage: limits.maximumInflated)
        routes = RouteSettings.list(reading: file.tablesIfAny("route"), identities: identities)
        api = APISettings(reading: file.table("api"))
        metrics = MetricsSettings(reading: file.table("metrics"))
        digest = context.digest
        guard let server, let identities, !identities.isEmpty else { return nil }
        self.server = server
        self.identities = identities
    }
}
