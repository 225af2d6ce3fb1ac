/// The topic that a message is published to (MQTT 5.0, section 4.7), with placeholders as arguments of programs have them.
package struct TopicTemplate: Hashable, Sendable {
    /// Bytes of a topic: its length stands in 16 bits.
    package static let longest = 65535

    private let template: ArgumentTemplate

    /// Reads a template: what is wrong with it as a template, or with what it says itself as a topic.
    package init(_ source: String) throws(TopicError) {
        do throws(TemplateError) {
            template = try ArgumentTemplate(source)
        } catch {
            throw .template(error)
        }
        guard !template.parts.isEmpty else { throw .empty }
        for case .literal(let bytes) in template.parts {
            try TopicTemplate.check(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// As it is written.
    package var source: String { template.source }

    /// Whether expanding looks at `RoutedMessage.json`.
    package var needsJSON: Bool { template.needsJSON }

    /// The topic of a message. A field that is not there comes to nothing.
    package func expanded(_ message: RoutedMessage, route: String, attempt: Int) throws(TopicError) -> String {
        var bytes: [UInt8] = []
        for part in template.parts {
            switch part {
            case .literal(let literal): bytes += literal
            case .placeholder(let placeholder): placeholder.append(message, route: route, attempt: attempt, to: &bytes)
            }
            guard bytes.count <= TopicTemplate.longest else { throw .tooLong }
        }
        guard !bytes.isEmpty else { throw .empty }
        guard let topic = String(validating: bytes, as: UTF8.self) else { throw .notText }
        try TopicTemplate.check(topic)
        // Those are the broker's own. Who writes the template may name one; who sends a message may not.
        if topic.utf8.first == UInt8(ascii: "$"), case .placeholder? = template.parts.first { throw .reserved }
        return topic
    }

    private static func check(_ text: String) throws(TopicError) {
        guard text.utf8.count <= longest else { throw .tooLong }
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control: throw .character(scalar)
            case _ where scalar == "+" || scalar == "#": throw .wildcard(scalar)
            case _ where scalar.properties.isNoncharacterCodePoint: throw .character(scalar)
            default: break
            }
        }
    }
}

/// Why a text is no topic to publish to.
package enum TopicError: Error, Equatable, Sendable {
    /// Its placeholders are wrong.
    case template(TemplateError)
    case empty
    case tooLong
    /// The bytes are not UTF-8.
    case notText
    /// `+` and `#` are for those who subscribe.
    case wildcard(Unicode.Scalar)
    /// No topic can hold it.
    case character(Unicode.Scalar)
    /// A message chose a topic of the broker's own.
    case reserved
}

extension TopicError: CustomStringConvertible {
    /// Words that read on from the topic.
    package var description: String {
        switch self {
        case .template(let error): "\(error)"
        case .empty: "is empty: a topic has one character at least"
        case .tooLong: "comes to more than \(TopicTemplate.longest) bytes, the most that MQTT has room for"
        case .notText: "is not UTF-8, which a topic has to be"
        case .wildcard(let scalar): "has \(scalar) in it, which only those who subscribe may write"
        case .character(let scalar):
            "has the character U+\(TopicError.hexadecimal(scalar)) in it, which no topic may hold"
        case .reserved: "begins with a $ that comes from the message: such topics are the broker's own"
        }
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
