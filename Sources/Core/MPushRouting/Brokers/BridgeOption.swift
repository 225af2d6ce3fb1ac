package import MPushModel

/// What can be said to a bridge: an option of its program, and an entry of its table in the configuration.
package enum BridgeKey: String, CaseIterable, Sendable {
    case url
    case topic
    case subject
    case messageKey = "message-key"
    case user
    case passwordFile = "password-file"
    case credentials
    case nkey
    case seedFile = "seed-file"
    case sasl
    case authority
    case certificate
    case key
    case clientID = "client-id"
    case protocolVersion = "protocol"
    case retain
    case compression

    /// As an argument: `--password-file`.
    package var typed: String { "--" + rawValue }

    /// As an entry of a table: `password_file`.
    package var entry: String { rawValue.replacing("-", with: "_") }
}

/// One of them, as one kind of bridge has it.
package struct BridgeOption: Sendable {
    /// What its value is.
    package enum Value: Equatable, Sendable {
        /// Where a broker is; with `isMany` there may be several.
        case url(isMany: Bool)
        case topic
        case template
        /// The path of a file that can be read.
        case file
        /// Anything, called so.
        case text(String)
        case choice([String])
        /// There is none: it is said or not.
        case flag

        /// What the value is called; nil where there is none.
        package var noun: String? {
            switch self {
            case .url: "url"
            case .topic, .template: "template"
            case .file: "file"
            case .text(let noun): noun
            case .choice: "name"
            case .flag: nil
            }
        }
    }

    package let key: BridgeKey
    package let value: Value
    /// For people, a sentence or more.
    package let help: String

    /// What is wrong with a text for it, in words. The text of a URL with a user is not repeated: it may be written in any way.
    package func complaint(of error: Misspelling, in text: String) -> String {
        if case .url = value, text.contains("@") { return error.message }
        return "\(text.quoted) \(error.message)"
    }

    init(_ key: BridgeKey, _ value: Value, _ help: String) {
        (self.key, self.value, self.help) = (key, value, help)
    }
}

extension BrokerKind {
    /// What can be said to its bridge, in the order in which people are shown it.
    package var options: [BridgeOption] {
        switch self {
        case .mqtt: BridgeOption.mqtt
        case .nats: BridgeOption.nats
        case .kafka: BridgeOption.kafka
        }
    }

    /// What a message is published to: the option that says it.
    package var topicKey: BridgeKey { self == .nats ? .subject : .topic }

    /// A table that says the least.
    package var example: String {
        switch self {
        case .mqtt: "{ url = \"mqtts://broker.example.com\", topic = \"push/{user}\" }"
        case .nats: "{ url = \"tls://nats.example.com\", subject = \"push.{user}\" }"
        case .kafka: "{ url = \"kafka+ssl://kafka.example.com\", topic = \"push\" }"
        }
    }
}

extension BridgeOption {
    private static let placeholders =
        "{user}, {identity}, {id}, {type}, {route}, {received}, {attempt}, {content} and {json:field} "
        + "stand for parts of the message."

    private static let authority = BridgeOption(
        .authority, .file, "The certificates (PEM) that the broker's is verified with; by default those of the system.")
    private static let certificate = [
        BridgeOption(.certificate, .file, "This client's own certificate (PEM); with --key."),
        BridgeOption(.key, .file, "The private key of it (PEM)."),
    ]
    private static let user = BridgeOption(.user, .text("name"), "The user name.")
    private static let passwordFile = BridgeOption(
        .passwordFile, .file, "The file whose first line is the password.")

    fileprivate static let mqtt =
        [
            BridgeOption(
                .url, .url(isMany: false),
                "The broker: mqtts://host or mqtts://host:port over TLS, mqtt:// without. Required."),
            BridgeOption(.topic, .topic, "The topic. \(placeholders) Required."),
            user, passwordFile, authority,
        ] + certificate + [
            BridgeOption(
                .clientID, .text("id"),
                "The client id; by default the broker chooses one. No two clients may have the same."),
            BridgeOption(
                .protocolVersion, .choice(["5", "3.1.1"]),
                "5 or 3.1.1; by default 5, and 3.1.1 where the broker does not speak that."),
            BridgeOption(
                .retain, .flag, "Have the broker keep the last message of each topic for those who come later."),
        ]

    fileprivate static let nats =
        [
            BridgeOption(
                .url, .url(isMany: true),
                "A server: tls://host or tls://host:port, nats:// without TLS. Several are tried one after the other. Required."
            ),
            BridgeOption(.subject, .topic, "The subject, which a stream has to have. \(placeholders) Required."),
            user, passwordFile,
            BridgeOption(.credentials, .file, "The file of credentials that nsc made: a user's JWT and seed."),
            BridgeOption(.nkey, .text("key"), "The public key of an NKey, which begins with U; with --seed-file."),
            BridgeOption(.seedFile, .file, "The file with the seed of it."),
            authority,
        ] + certificate

    fileprivate static let kafka =
        [
            BridgeOption(
                .url, .url(isMany: true),
                "A broker: kafka+ssl://host or kafka+ssl://host:port, kafka:// without TLS. Several are tried; the others of the "
                    + "cluster are found by themselves. Required."),
            BridgeOption(.topic, .topic, "The topic. \(placeholders) Required."),
            BridgeOption(
                .messageKey, .template,
                "The key of the records, with the same placeholders: those of one key keep their order in one partition."
            ),
            user, passwordFile,
            BridgeOption(
                .sasl, .choice(["plain", "scram-sha-256", "scram-sha-512"]),
                "How to sign in: plain, scram-sha-256 or scram-sha-512; by default plain over TLS and scram-sha-512 without."
            ),
            authority,
        ] + certificate + [
            BridgeOption(
                .compression, .choice(["none", "gzip", "snappy", "lz4", "zstd"]),
                "none, gzip, snappy, lz4 or zstd; by default none."),
            BridgeOption(.clientID, .text("id"), "The client id, for the broker's log; by default mpush-bridge-kafka."),
        ]
}
