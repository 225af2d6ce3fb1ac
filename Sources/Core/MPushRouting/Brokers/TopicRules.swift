import MPushModel

/// What a topic may be: MQTT 5.0, section 4.7; the subjects of NATS; Kafka's `Topic.validate`.
struct TopicRules: Hashable, Sendable {
    let broker: BrokerKind

    /// Bytes of a topic. In MQTT its length stands in 16 bits; a line of NATS has 4096 bytes, with more than a subject in it.
    var longest: Int {
        switch broker {
        case .mqtt: 65535
        case .nats: 2048
        case .kafka: 249
        }
    }

    /// Throws where `text`, which may be a piece of a topic, cannot stand in one.
    func checkPart(_ text: String) throws(TopicError) {
        guard text.utf8.count <= longest else { throw .tooLong(longest) }
        for scalar in text.unicodeScalars {
            if isWildcard(scalar) { throw .wildcard(scalar) }
            if !mayHold(scalar) { throw .character(scalar) }
        }
        if broker == .nats, text.contains("..") { throw .emptyPart }
    }

    /// Throws where `topic` as a whole is none, though its characters may stand in one.
    func checkWhole(_ topic: String) throws(TopicError) {
        switch broker {
        case .mqtt: break
        case .nats: if topic.hasPrefix(".") || topic.hasSuffix(".") { throw .emptyPart }
        case .kafka: if topic == "." || topic == ".." { throw .dots }
        }
    }

    private func isWildcard(_ scalar: Unicode.Scalar) -> Bool {
        switch broker {
        case .mqtt: scalar == "+" || scalar == "#"
        case .nats: scalar == "*" || scalar == ">"
        case .kafka: false
        }
    }

    private func mayHold(_ scalar: Unicode.Scalar) -> Bool {
        // What nearly all topics are made of, of which nothing need be looked up.
        if (0x61...0x7A).contains(scalar.value | 0x20), scalar.isASCII { return true }
        return switch broker {
        case .mqtt: !scalar.isControlOrNone
        case .nats: !scalar.isControlOrNone && !scalar.properties.isWhitespace
        case .kafka: "0123456789._-".unicodeScalars.contains(scalar)
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isControlOrNone: Bool {
        isASCII
            ? value < 0x20 || value == 0x7F
            : properties.generalCategory == .control || properties.isNoncharacterCodePoint
    }
}

/// Why a text is no topic to publish to.
package enum TopicError: Error, Equatable, Sendable {
    /// Its placeholders are wrong.
    case template(TemplateError)
    case empty
    /// It has more bytes than this.
    case tooLong(Int)
    /// The bytes are not UTF-8.
    case notText
    /// `+` and `#`, or `*` and `>` of NATS, are for those who subscribe.
    case wildcard(Unicode.Scalar)
    /// No topic can hold it.
    case character(Unicode.Scalar)
    /// There is nothing before, behind or between dots of a subject.
    case emptyPart
    /// It is `.` or `..`.
    case dots
    /// A message chose a topic of the broker's own.
    case reserved
}

extension TopicError: CustomStringConvertible {
    /// Words that read on from the topic.
    package var description: String {
        switch self {
        case .template(let error): "\(error)"
        case .empty: "is empty: it has to have one character at least"
        case .tooLong(let longest): "comes to more than \(longest) bytes, the most that there is room for"
        case .notText: "is not UTF-8, which it has to be"
        case .wildcard(let scalar): "has \(scalar) in it, which only those who subscribe may write"
        case .character(let scalar):
            "has the character U+\(TopicError.hexadecimal(scalar)) in it, which it may not hold"
        case .emptyPart: "begins or ends with a dot, or has two in a row"
        case .dots: "is . or .., which no topic of Kafka can be"
        case .reserved: "begins with a $ that comes from the message: such topics are the broker's own"
        }
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
