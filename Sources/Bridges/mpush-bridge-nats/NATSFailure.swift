import CNATS
import MPushBridge
import MPushModel
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

    /// What it is, for people: without the place in the library's own source, "(conn.c:2088): ", that it begins with.
    private var words: String {
        guard !detail.isEmpty else { return NATSFailure.text(of: status) }
        let place = detail.hasPrefix("(") ? detail.firstRange(of: "): ") : nil
        return String(place.map { detail[$0.upperBound...] } ?? detail[...]).shown(atMost: 200)
    }

    /// Why there is no connection to the server of `url`, and what to do.
    func trouble(with url: BrokerURL) -> BridgeTrouble {
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
