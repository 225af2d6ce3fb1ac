/// `[inbox]`: how long and how much is kept, and when a message counts as had.
package struct InboxSettings: Equatable, Sendable {
    /// What happens to a message for which there is no room.
    package enum FullPolicy: String, CaseIterable, Sendable {
        /// It is not stored and not acknowledged, so that its sender knows.
        case refuse
        /// The oldest give way, delivered or not.
        case dropOldest = "drop_oldest"
    }

    /// When a message that asks for BIZ_ACK is acknowledged.
    package enum ConsumerAck: String, CaseIterable, Sendable {
        case consumed
        case stored
    }

    /// Nothing older is kept, delivered or not.
    package var maximumAge: Duration = .seconds(30 * 86_400)
    package var maximumMessages: Int = 100_000
    /// Of content.
    package var maximumBytes: Int = 256 << 20
    package var onFull: FullPolicy = .refuse
    /// How long a message is shown after everybody has it; its identity is known for as long.
    package var keepDelivered: Duration = .seconds(86_400)
    /// The member of the JSON content that identifies a message.
    package var idField: String = "msgId"
    /// How long the same identity is the same message; zero to take every message as a new one.
    package var duplicateWindow: Duration = .seconds(86_400)
    /// How long the same content is the same message, where it has no identity; zero to take every one as new.
    package var digestWindow: Duration = .seconds(10)
    package var consumerAck: ConsumerAck = .consumed

    package init() {}
}
