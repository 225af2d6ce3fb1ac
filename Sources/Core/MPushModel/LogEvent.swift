/// The kinds of events that the journal knows the daemon by.
///
/// Each has an entry in `systemd/mpushd.catalog` that says what it means and what to do (`journalctl -x`). The fields
/// that the entry names must go with every record of the kind.
package enum LogEvent: CaseIterable, Sendable {
    /// The configuration is good and the loops run.
    case started
    /// The daemon was told to end.
    case stopping
    /// A new configuration is in force.
    case configurationReloaded
    /// A configuration has errors; the one before, if any, stays in force.
    case configurationRejected
    /// A part of the daemon does not answer, so the service manager is no longer told that it lives.
    case watchdogSilent

    /// A user is bound, messages can come.
    case online
    /// A connection that had been made is gone.
    case connectionLost
    /// An attempt to connect did not get as far as a bound user.
    case attemptFailed
    /// Many attempts failed; a summary of them.
    case waiting
    /// The allocator gave no endpoints.
    case allocatorFailed
    /// TLS refused the server, or the server refused us.
    case tlsRefused

    /// The server did not take the stored session; a handshake follows.
    case resumeRefused
    /// A session ticket could not be stored.
    case ticketNotStored
    /// The server refused to bind the user.
    case bindRejected
    /// The server says that the user signed in elsewhere.
    case kicked

    /// Nothing was read for longer than the heartbeat allows.
    case readMissed
    /// Bytes came again after a missed read.
    case readRecovered
    /// The server asked for a heartbeat that makes no sense; a bounded one is kept.
    case absurdHeartbeat
    /// The server sent a command that this client has no use for.
    case unknownCommand
    /// The server sent what PROTOCOL.md does not allow.
    case protocolError

    /// A message came.
    case messageReceived
    /// A message came and could not be handed on.
    case messageNotTaken

    /// The inbox's database was damaged; it is set aside, and a new one begun.
    case inboxDamaged
    /// The inbox cannot store messages, so none is acknowledged.
    case inboxFailing
    /// The inbox stores messages again.
    case inboxRecovered
    /// The inbox has no room, so messages are refused.
    case inboxFull
    /// Messages that somebody still waited for had to give way.
    case messagesDropped

    /// A route's attempt to hand a message over failed, and will be made again.
    case routeFailing
    /// A route that failed works again.
    case routeRecovered
    /// A route gave a message up.
    case deadLetter
    /// A line that a route's program wrote.
    case programOutput

    /// The server's RSA key is the one that is in every copy of MPush.
    case defaultServerKey
    /// The server's RSA key is short enough to be broken.
    case weakServerKey
    /// The configuration says that TLS is not to be used.
    case plaintext
}

extension LogEvent {
    /// How much an event of this kind matters, where the one who reports it does not know better.
    package var level: LogLevel {
        switch self {
        case .messageReceived: .debug
        case .started, .stopping, .routeRecovered, .programOutput, .readRecovered, .resumeRefused: .info
        case .online, .configurationReloaded, .readMissed, .unknownCommand, .inboxRecovered: .notice
        case .connectionLost, .attemptFailed, .waiting, .allocatorFailed, .kicked, .absurdHeartbeat, .protocolError,
            .ticketNotStored, .inboxFull, .messagesDropped, .routeFailing, .defaultServerKey,
            .weakServerKey, .plaintext:
            .warning
        case .configurationRejected, .watchdogSilent, .tlsRefused, .bindRejected, .messageNotTaken, .inboxDamaged,
            .inboxFailing, .deadLetter:
            .error
        }
    }
}

extension LogEvent {
    /// The value of the journal's MESSAGE_ID field: 32 hexadecimal digits, drawn once at random (`systemd-id128 new`)
    /// and never changed, since catalogs, scripts and dashboards go by it.
    package var messageID: String {
        switch self {
        case .started: "b3dbc342b93e4bfba5484b201cdc3da0"
        case .stopping: "d8c9d8bb7e134a009419ca98fe71827c"
        case .configurationReloaded: "1f17fb3ec80d4a9f967efef8e0c16a3e"
        case .configurationRejected: "5932ed6861b0492fa6b80cf6785b0ebc"
        case .watchdogSilent: "83f44546aadb4fca9a34f5cb3d1f466c"
        case .online: "13d76ff44c8b4d8d910fc87618110c98"
        case .connectionLost: "0abe67ed33be45bd8a1c9085018f5bb1"
        case .attemptFailed: "7ab96cd71ace40a79716176780110bac"
        case .waiting: "342b4fd4e5c849cbb660dc8ab073a39e"
        case .allocatorFailed: "5f0f0d45830d4f85b8045a735595be14"
        case .tlsRefused: "22943f1f082c46c1ac5445bc8d2892eb"
        case .resumeRefused: "6a2a0804dc244051939e65c849cda2f8"
        case .ticketNotStored: "a42d0e935ade4a9987d2d1f07a6ebbf1"
        case .bindRejected: "4e9481b5877b4dae99703522f0f15acf"
        case .kicked: "23cf583c042844c49a5cda50c7122c1c"
        case .readMissed: "c1b52b525804410baa4f9bef4809205e"
        case .readRecovered: "c973dfa6597b4b97879af15429535342"
        case .absurdHeartbeat: "d793686f8cd74f87a163c2dcfd49e245"
        case .unknownCommand: "a8ea03f069e84bafab6b05222ed0dba3"
        case .protocolError: "5d125ec90de14064bd29a25c04570e3a"
        case .messageReceived: "c350dd2befd24de19bd1d22477cd8a33"
        case .messageNotTaken: "e7f8e6e8e62c4ed188b31fdb9a40537d"
        case .inboxDamaged: "72c5a9b9f8744f36a8b72f4ca48da96a"
        case .inboxFailing: "87fcb7e6d62f40f0a0372d9fdcfa7849"
        case .inboxRecovered: "e75d586a81024006bebf12a76a591419"
        case .inboxFull: "986c536acc9b41da8343cf1a9ac719d3"
        case .messagesDropped: "9522a5a347934f2887498a931bfdbb0a"
        case .routeFailing: "b76513af27fc42c18e9bfead60d3a5e6"
        case .routeRecovered: "4952c81f87b14574a4cbbd0ed8573edd"
        case .deadLetter: "0e80cf1c45f54b94947559fd58a92870"
        case .programOutput: ProgramOutput.messageID
        case .defaultServerKey: "6e79fe1150ea488e8edaf862eef3dc07"
        case .weakServerKey: "fdfb83bb71b04b538405c6070a58c7bc"
        case .plaintext: "6d1b997a66754831b671256cf8e7d35b"
        }
    }
}
