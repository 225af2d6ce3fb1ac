/// The kinds of brokers that messages can be published to, each by a bridge of its own.
package enum BrokerKind: String, CaseIterable, Sendable {
    case mqtt
    case nats
    case kafka

    /// As people write it.
    package var name: String {
        switch self {
        case .mqtt: "MQTT"
        case .nats: "NATS"
        case .kafka: "Kafka"
        }
    }

    /// The program that publishes, and the package that it is in.
    package var program: String { "mpush-bridge-\(rawValue)" }

    /// The scheme of its URLs.
    package func scheme(isEncrypted: Bool) -> String {
        switch self {
        case .mqtt: isEncrypted ? "mqtts" : "mqtt"
        case .nats: isEncrypted ? "tls" : "nats"
        case .kafka: isEncrypted ? "kafka+ssl" : "kafka"
        }
    }

    /// The TCP port where none is written. MQTT's and NATS's are IANA's; Kafka's are what its own examples have.
    func port(isEncrypted: Bool) -> UInt16 {
        switch self {
        case .mqtt: isEncrypted ? 8883 : 1883
        case .nats: 4222
        case .kafka: isEncrypted ? 9093 : 9092
        }
    }
}
