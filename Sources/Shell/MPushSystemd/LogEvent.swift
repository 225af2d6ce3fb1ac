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
