import MPushModel

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

extension InboxSettings {
    /// - Parameter largestMessage: What a message may have, in bytes: there must be room for one.
    init(reading table: TableReader, largestMessage: Int) {
        let day: Duration = .seconds(86_400)
        maximumAge = table.value(
            "max_age", takesEffect: .atOnce, .duration(in: .seconds(60)...day * 3650), default: maximumAge)
        maximumMessages = table.value(
            "max_messages", takesEffect: .atOnce, .count(in: 1...100_000_000), default: maximumMessages)
        maximumBytes = table.value(
            "max_bytes", takesEffect: .atOnce, .size(in: 64 << 10...1 << 40), default: maximumBytes)
        onFull = table.value("on_full", takesEffect: .atOnce, .choice, default: onFull)
        keepDelivered = table.value(
            "keep_delivered", takesEffect: .atOnce, .duration(in: .zero...day * 3650), default: keepDelivered)
        idField = table.value(
            "id_field", takesEffect: .atOnce, .text(example: "msgId", atMost: 64, mayHoldComma: true), default: idField)
        duplicateWindow = table.value(
            "dedup_window", takesEffect: .atOnce, .duration(in: .zero...day * 365), default: duplicateWindow)
        digestWindow = table.value(
            "digest_window", takesEffect: .atOnce, .duration(in: .zero...day), default: digestWindow)
        consumerAck = table.value("biz_ack", takesEffect: .atOnce, .choice, default: consumerAck)
        if maximumBytes < largestMessage {
            table.site(of: "max_bytes").report(
                "\(ByteCount.spelled(maximumBytes)) must not be below limits.max_inflated "
                    + "(\(ByteCount.spelled(largestMessage))): a message would not fit.")
        }
        if duplicateWindow > keepDelivered, table.holds("dedup_window") {
            table.site(of: "dedup_window").warn(
                "an id is known while its message is kept, which may be no longer than keep_delivered "
                    + "(\(keepDelivered.spelled)).")
        }
        if keepDelivered > maximumAge, table.holds("keep_delivered") {
            table.site(of: "keep_delivered").warn(
                "nothing is kept longer than max_age (\(maximumAge.spelled)), delivered or not.")
        }
    }
}
