package import MPushModel

/// What a message is published to: a topic of MQTT or Kafka, a subject of NATS, with placeholders as arguments of programs
/// have them.
package struct TopicTemplate: Hashable, Sendable {
    private let template: ArgumentTemplate
    private let rules: TopicRules
    /// The topic, where it is the same for every message.
    private let literal: String?

    /// Reads a template: what is wrong with it as a template, or with what it says itself as a topic of `broker`.
    package init(_ source: String, of broker: BrokerKind) throws(TopicError) {
        rules = TopicRules(broker: broker)
        do throws(TemplateError) {
            template = try ArgumentTemplate(source)
        } catch {
            throw .template(error)
        }
        guard !template.parts.isEmpty else { throw .empty }
        for case .literal(let bytes) in template.parts {
            try rules.checkPart(String(decoding: bytes, as: UTF8.self))
        }
        literal = template.literal
        if let literal {
            try rules.checkPart(literal)
            try rules.checkWhole(literal)
        }
    }

    /// As it is written.
    package var source: String { template.source }

    /// Whether expanding looks at `RoutedMessage.json`.
    package var needsJSON: Bool { template.needsJSON }

    /// The topic of a message. A field that is not there comes to nothing.
    package func expanded(_ message: RoutedMessage, route: String, attempt: Int) throws(TopicError) -> String {
        if let literal { return literal }
        var bytes: [UInt8] = []
        guard template.append(message, route: route, attempt: attempt, atMost: rules.longest, to: &bytes) else {
            throw .tooLong(rules.longest)
        }
        guard !bytes.isEmpty else { throw .empty }
        guard let topic = String(validating: bytes, as: UTF8.self) else { throw .notText }
        try rules.checkPart(topic)
        try rules.checkWhole(topic)
        // Those are the broker's own. Who writes the template may name one; who sends a message may not.
        if topic.utf8.first == UInt8(ascii: "$"), case .placeholder? = template.parts.first { throw .reserved }
        return topic
    }
}

extension ArgumentTemplate {
    /// Appends what comes of it for a message, as it is; false where `bytes` would have more than `longest` then.
    package func append(
        _ message: RoutedMessage, route: String, attempt: Int, atMost longest: Int, to bytes: inout [UInt8]
    ) -> Bool {
        for part in parts {
            switch part {
            case .literal(let literal): bytes += literal
            case .placeholder(let placeholder): placeholder.append(message, route: route, attempt: attempt, to: &bytes)
            }
            guard bytes.count <= longest else { return false }
        }
        return true
    }
}
