package import MPushModel

/// What a bridge was told, piece by piece and checked: by its arguments, or by a table of the configuration.
package struct BridgeValues: Equatable, Sendable {
    package let broker: BrokerKind
    private var texts: [BridgeKey: [String]] = [:]
    private var urls: [BrokerURL] = []
    private var topic: TopicTemplate?
    private var messageKey: ArgumentTemplate?

    /// URLs that are tried.
    package static let mostURLs = 16

    package init(of broker: BrokerKind) {
        self.broker = broker
    }

    /// Adds a value of `option`, which is checked but for files. A flag's is not looked at.
    package mutating func add(_ text: String, to option: BridgeOption) throws(Misspelling) {
        if option.value != .flag, text.isEmpty || text.isUnprintable || text.utf8.count > 4095 {
            throw Misspelling("cannot stand here")
        }
        var text = text
        switch option.value {
        case .url:
            guard urls.count < BridgeValues.mostURLs else { throw Misspelling("is one more than may stand here") }
            let url = try BrokerURL(text, of: broker)
            urls.append(url)
            text = url.description
        case .topic:
            do throws(TopicError) {
                topic = try TopicTemplate(text, of: broker)
            } catch {
                throw Misspelling("\(error)")
            }
        case .template:
            do throws(TemplateError) {
                messageKey = try ArgumentTemplate(text)
            } catch {
                throw Misspelling("\(error)")
            }
        case .choice(let choices):
            guard choices.contains(text) else {
                throw Misspelling("is not \(choices.dropLast().joined(separator: ", ")) or \(choices.last ?? "")")
            }
        case .file, .text, .flag: break
        }
        texts[option.key, default: []].append(text)
    }

    package func holds(_ key: BridgeKey) -> Bool { texts[key] != nil }

    /// As the program is given them, in the order of its options.
    package var arguments: [String] {
        broker.options.flatMap { option in
            (texts[option.key] ?? []).map { text in
                option.value == .flag ? option.key.typed : "\(option.key.typed)=\(text)"
            }
        }
    }

    /// All together; or what is missing, or does not go together.
    package func settings() throws(BridgeProblem) -> BridgeSettings {
        guard !urls.isEmpty else { throw .missing(.url) }
        guard let topic else { throw .missing(broker.topicKey) }
        for (key, needed) in BridgeValues.pairs where holds(key) && !holds(needed) { throw .alone(key, needed) }
        let signsIn = [BridgeKey.user, .credentials, .nkey].filter(holds)
        if signsIn.count > 1 { throw .together(signsIn[0], signsIn[1]) }
        guard Set(urls.map(\.isEncrypted)).count == 1 else { throw .mixedTLS }
        if !urls[0].isEncrypted {
            for key in [BridgeKey.authority, .certificate, .key] where holds(key) { throw .forTLS(key) }
        }
        return BridgeSettings(
            broker: broker, urls: urls, topic: topic, messageKey: messageKey,
            texts: texts.compactMapValues(\.last))
    }

    /// What is nothing without another.
    private static let pairs: [(BridgeKey, BridgeKey)] = [
        (.certificate, .key), (.key, .certificate), (.passwordFile, .user), (.nkey, .seedFile), (.seedFile, .nkey),
        (.sasl, .user),
    ]
}

/// Why what a bridge was told does not come to anything.
package enum BridgeProblem: Error, Equatable, Sendable {
    case missing(BridgeKey)
    /// The first needs the second.
    case alone(BridgeKey, BridgeKey)
    /// Two ways of signing in.
    case together(BridgeKey, BridgeKey)
    /// It is for TLS, which is not spoken.
    case forTLS(BridgeKey)
    /// Some URLs are over TLS, and some are not.
    case mixedTLS
}

/// Where messages go, and how.
package struct BridgeSettings: Equatable, Sendable {
    package let broker: BrokerKind
    /// At least one; all over TLS, or none.
    package let urls: [BrokerURL]
    package let topic: TopicTemplate
    package let messageKey: ArgumentTemplate?
    fileprivate let texts: [BridgeKey: String]

    package var isEncrypted: Bool { urls[0].isEncrypted }

    /// Whether somebody looks at the fields of messages.
    package var needsJSON: Bool { topic.needsJSON || messageKey?.needsJSON == true }

    /// What was said of `key`; nil where nothing was.
    package subscript(key: BridgeKey) -> String? { texts[key] }
}
