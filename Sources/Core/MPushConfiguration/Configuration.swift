/// What mpushd is to do: everything that `mpushd.toml` says, checked, with a value for all that it leaves out.
///
/// Two configurations are equal where they ask for the same, wherever in their files it is written.
package struct Configuration: Equatable, Sendable {
    /// Where the server is and how it is known.
    package let server: ServerSettings

    /// What the server has to prove, and what is proved to it.
    package let tls: TLSSettings

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
}
