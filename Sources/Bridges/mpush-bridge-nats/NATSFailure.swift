import CNATS
import MPushBridge
import MPushModel
import MPushPlatform
import MPushRouting

/// What libnats says of a call that failed.
struct NATSFailure: Error {
    let status: natsStatus
    /// In its words; more than the status says, where it knows.
    let detail: String
    /// Whether a file of the settings is to blame.
    let isConfiguration: Bool

    init(_ status: natsStatus, isConfiguration: Bool = false) {
        var last = NATS_OK
        let detail = nats_GetLastError(&last).map { String(cString: $0) } ?? ""
        self.status = status
        self.detail = last == status ? detail : ""
        self.isConfiguration = isConfiguration
    }

    static func text(of status: natsStatus) -> String {
        let text = natsStatus_GetText(status).map { String(cString: $0) } ?? "error \(status.rawValue)"
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    /// What it is, for people.
    var words: String { detail.isEmpty ? NATSFailure.text(of: status) : NATSFailure.plain(detail) }

    /// The library's words without the place in its own source that they may begin with, "(conn.c:2088): ", and with what
    /// errno(3) means where they end with its number: "send error: 32".
    static func plain(_ words: String) -> String {
        let place = words.hasPrefix("(") ? words.firstRange(of: "): ") : nil
        let rest = String(place.map { words[$0.upperBound...] } ?? words[...])
        guard let colon = rest.firstRange(of: " error: "), let number = CInt(rest[colon.upperBound...]) else {
            return rest.shown(atMost: 200)
        }
        return "\(rest[..<colon.upperBound])\(OSError.text(for: number))".shown(atMost: 200)
    }

    /// Why there is no connection to the server of `url`, and what to do.
    func troubleOpening(_ url: BrokerURL) -> BridgeTrouble {
        let place = url.place
        if isConfiguration {
            return BridgeTrouble(status: BridgeTrouble.configuration, "a file of the settings cannot be used: \(words)")
        }
        switch status {
        case NATS_CONNECTION_AUTH_FAILED:
            return BridgeTrouble(
                "\(place): the server refuses the connection: \(words). Look at --user and --password-file, --credentials or --nkey"
            )
        case NATS_SECURE_CONNECTION_REQUIRED:
            return BridgeTrouble("\(place): the server wants TLS. Write tls:// in --url")
        case NATS_SSL_ERROR where !url.isEncrypted:
            // The library does what the server wants.
            return BridgeTrouble("\(place): the server wants TLS, which failed: \(words). Write tls:// in --url")
        case NATS_SECURE_CONNECTION_WANTED:
            return BridgeTrouble("\(place): the server does not speak TLS. Write nats:// in --url, if that is meant")
        case NATS_SSL_ERROR:
            return BridgeTrouble(
                "\(place): TLS failed: \(words). Name the authority that issued the server's certificate with --authority, and "
                    + "write the name that it is for in --url. Does it want a --certificate?")
        case NATS_NO_SERVER:
            return BridgeTrouble("\(place): there is no connection. Does a server of NATS listen there?")
        default: return BridgeTrouble("\(place): the server did not take the connection: \(words)")
        }
    }
}
