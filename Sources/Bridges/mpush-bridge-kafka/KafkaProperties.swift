import MPushBridge
import MPushModel
import MPushRouting

/// The properties of librdkafka that settings come to.
enum KafkaProperties {
    /// What the library hands to a broker; the broker has a bound of its own, and says so.
    static let longestMessage = 64 << 20

    static func list(_ settings: BridgeSettings, password: String?) -> [(name: String, value: String)] {
        var properties = [
            ("bootstrap.servers", settings.urls.map(\.place).joined(separator: ",")),
            ("client.id", settings[.clientID] ?? settings.broker.program),
            ("acks", "all"), ("enable.idempotence", "true"),
            // Five by default: a window of messages would go in each six milliseconds, whatever the cluster could take.
            ("queue.buffering.max.ms", "1"),
            // The library tries again for so long, which is less than the bridge waits for a confirmation.
            ("message.timeout.ms", "10000"), ("topic.metadata.propagation.max.ms", "5000"),
            ("message.max.bytes", String(longestMessage)), ("socket.keepalive.enable", "true"),
            // Ten seconds by default: the next address of a name, or a broker that is back, is not tried for so long.
            ("reconnect.backoff.max.ms", "1000"),
        ]
        // The default since librdkafka 2.0: before, any name would do.
        if settings.isEncrypted { properties.append(("ssl.endpoint.identification.algorithm", "https")) }
        if let name = protocolName(settings) { properties.append(("security.protocol", name)) }
        if let compression = settings[.compression] { properties.append(("compression.type", compression)) }
        if let user = settings[.user] {
            let mechanism = settings[.sasl] ?? (settings.isEncrypted ? "plain" : "scram-sha-512")
            properties += [
                ("sasl.mechanisms", mechanism.uppercased()), ("sasl.username", user), ("sasl.password", password ?? ""),
            ]
        }
        for (key, name) in [
            (BridgeKey.authority, "ssl.ca.location"), (.certificate, "ssl.certificate.location"),
            (.key, "ssl.key.location"),
        ] {
            if let file = settings[key] { properties.append((name, file)) }
        }
        return properties
    }

    /// Nil for neither TLS nor a user, which is the library's default.
    private static func protocolName(_ settings: BridgeSettings) -> String? {
        switch (settings.isEncrypted, settings[.user] != nil) {
        case (true, true): "sasl_ssl"
        case (true, false): "ssl"
        case (false, true): "sasl_plaintext"
        case (false, false): nil
        }
    }
}

/// What went wrong with a cluster, in words: where, what, and what to do.
enum KafkaTrouble {
    static func absent(_ complaint: String?, _ place: String) -> BridgeTrouble {
        let why = complaint.map { ": \($0.shown(atMost: 300))" } ?? ""
        return BridgeTrouble(
            "\(place): no broker takes the connection\(why). Does one listen there, and for TLS or without?")
    }

    static func refused(isLogin: Bool, _ text: String, _ place: String) -> BridgeTrouble {
        let what = text.shown(atMost: 300)
        return BridgeTrouble(
            isLogin
                ? "\(place): the broker refuses to let this client in: \(what). Look at --user, --password-file and --sasl"
                : "\(place): TLS failed: \(what). Name the authority that issued the broker's certificate with --authority, and write "
                    + "the name that it is for in --url. Does it want a --certificate?")
    }

    /// Of one topic alone.
    static func stuck(_ why: String?, _ topic: String) -> StreamAnswer.Word {
        let words = why.map { ": \($0.shown(atMost: 200))" } ?? ""
        return .retry(reason: "no broker took it for the topic \(topic.shown(atMost: 96)) in time\(words)", wait: nil)
    }

    static func lost(_ complaint: String?, _ place: String) -> BridgeTrouble {
        let why = complaint.map { ": \($0.shown(atMost: 300))" } ?? ""
        return BridgeTrouble("\(place): messages could not be delivered in time\(why)")
    }
}
