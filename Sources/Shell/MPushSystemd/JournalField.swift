package import MPushModel

/// A fact that goes with a record, under a name that journalctl(1) can match: `journalctl MPUSH_CAUSE=missed-reads`.
///
/// The list is closed, so that a name is written one way everywhere, and each name has values of one type. Durations
/// are written as whole microseconds (`_USEC`, as systemd does it), truth values as `yes` and `no`.
package enum JournalField: Equatable, Sendable {
    /// The connection's state after the event: `online`, `waiting` ...
    case state(ConnectionState)
    /// The stable word for why a connection was lost or could not be made: `missed-reads`.
    case cause(String)
    /// What else is known about the cause, for people.
    case causeDetail(String)
    /// The server as the configuration or the allocator names it: `push.example.com:3443`.
    case endpoint(String)
    /// The identity's name in the configuration.
    case identity(String)
    /// The user that is bound, or was to be.
    case user(String)
    /// The device id that the server knows this machine by.
    case device(String)
    /// Whether the session was resumed, rather than made anew by a handshake.
    case sessionResumed(Bool)
    /// The heartbeat that is kept.
    case heartbeat(Duration)
    /// How long nothing was read.
    case silence(Duration)
    /// How many reads in a row were missed.
    case missedReads(Int)
    /// How many attempts to connect failed in a row.
    case attempts(Int)
    /// How long until the next attempt to connect.
    case nextAttempt(Duration)
    /// How long the connection was bound, or nothing was, as the event has it.
    case lasted(Duration)
    /// How long it took from the attempt's begin until the user was bound.
    case setup(Duration)
    /// How long the server took to answer.
    case roundTrip(Duration)
    /// The version of TLS that was agreed on: `TLS 1.3`.
    case tlsVersion(String)
    /// The stable word for why TLS failed: `expired`.
    case tlsFailure(String)
    /// The identity of a message received: its msgId.
    case messageID(String)
    /// The server's number of a message received, which an acknowledgement repeats.
    case messageNumber(Int32)
    /// Bytes of content.
    case size(Int)
    /// The number of a command (PROTOCOL.md section 1).
    case command(UInt8)
    /// The code of an ERROR that the server sent (PROTOCOL.md section 4.5).
    case serverCode(Int8)
    /// The file that the event is about: the configuration, a stored ticket.
    case file(String)
    /// The line in that file.
    case line(Int)
    /// The key in the configuration, with its table: `server.endpoints`.
    case key(String)
    /// The URL of the allocator.
    case allocator(String)
    /// The part of the daemon that does not answer.
    case component(String)
    /// The route's name in the configuration.
    case route(String)

    /// The longest value in bytes of UTF-8; what is longer is cut.
    package static let longestValue = 1024

    package typealias Name = JournalFieldName

    /// The name in the journal.
    package var name: Name { entry.name }

    /// The value as text: control characters made visible, since it ends up on terminals, and at most `longestValue`.
    package var value: String { entry.value.shown(atMost: JournalField.longestValue) }

    private var entry: (name: Name, value: String) {
        switch self {
        case .state(let state): (.state, state.rawValue)
        case .cause(let word): (.cause, word)
        case .causeDetail(let text): (.causeDetail, text)
        case .endpoint(let name): (.endpoint, name)
        case .identity(let name): (.identity, name)
        case .user(let name): (.user, name)
        case .device(let id): (.device, id)
        case .sessionResumed(let resumed): (.sessionResumed, resumed ? "yes" : "no")
        case .heartbeat(let duration): (.heartbeat, String(duration.wholeMicroseconds))
        case .silence(let duration): (.silence, String(duration.wholeMicroseconds))
        case .missedReads(let count): (.missedReads, String(count))
        case .attempts(let count): (.attempts, String(count))
        case .nextAttempt(let duration): (.nextAttempt, String(duration.wholeMicroseconds))
        case .lasted(let duration): (.lasted, String(duration.wholeMicroseconds))
        case .setup(let duration): (.setup, String(duration.wholeMicroseconds))
        case .roundTrip(let duration): (.roundTrip, String(duration.wholeMicroseconds))
        case .tlsVersion(let version): (.tlsVersion, version)
        case .tlsFailure(let word): (.tlsFailure, word)
        case .messageID(let id): (.messageID, id)
        case .messageNumber(let number): (.messageNumber, String(number))
        case .size(let bytes): (.size, String(bytes))
        case .command(let number): (.command, String(number))
        case .serverCode(let code): (.serverCode, String(code))
        case .file(let path): (.file, path)
        case .line(let number): (.line, String(number))
        case .key(let key): (.key, key)
        case .allocator(let url): (.allocator, url)
        case .component(let name): (.component, name)
        case .route(let name): (.route, name)
        }
    }
}
