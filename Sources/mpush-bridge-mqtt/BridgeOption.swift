/// An option, as it is read, shown and written into the manual.
enum BridgeOption: String, CaseIterable {
    case url
    case topic
    case user
    case passwordFile = "password-file"
    case authority
    case certificate
    case key
    case clientID = "client-id"
    case protocolVersion = "protocol"
    case retain

    /// As it is typed: `--url`.
    var typed: String { "--" + rawValue }

    /// What its value is called; nil where it has none.
    var value: String? {
        switch self {
        case .url: "url"
        case .topic: "template"
        case .user: "name"
        case .passwordFile, .authority, .certificate, .key: "file"
        case .clientID: "id"
        case .protocolVersion: "version"
        case .retain: nil
        }
    }

    var help: String {
        switch self {
        case .url: "The broker: mqtts://host or mqtts://host:port over TLS, mqtt:// without. Required."
        case .topic:
            "The topic. {user}, {identity}, {id}, {type}, {route}, {received}, {attempt}, {content} and {json:field} "
                + "stand for parts of the message. Required."
        case .user: "The user name."
        case .passwordFile: "The file whose first line is the password."
        case .authority: "The certificates (PEM) that the broker's is verified with; by default those of the system."
        case .certificate: "This client's own certificate (PEM); with --key."
        case .key: "The private key of it (PEM)."
        case .clientID: "The client id; by default the broker chooses one. No two clients may have the same."
        case .protocolVersion: "5 or 3.1.1; by default 5, and 3.1.1 where the broker does not speak that."
        case .retain: "Have the broker keep the last message of each topic for those who come later."
        }
    }
}
