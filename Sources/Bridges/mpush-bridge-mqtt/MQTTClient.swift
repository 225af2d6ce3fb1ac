import Glibc
import MPushBridge
import MPushModel
import MPushPlatform
import MPushRouting

/// A broker of MQTT, with the newest version that it speaks.
final class MQTTClient: BrokerClient {
    static let hasThreads = false

    /// How long the broker may take to answer the connection.
    private static let greeting = Duration.seconds(15)

    private let settings: BridgeSettings
    private let password: String?
    private let version: MQTTVersion?
    private let clock = MachineClock()
    private var connection: BrokerConnection

    init(_ settings: BridgeSettings, route: String, password: String?) throws(BridgeTrouble) {
        (self.settings, self.password) = (settings, password)
        version = settings[.protocolVersion].flatMap(MQTTVersion.init)
        connection = try BrokerConnection(settings, version: version ?? .mqtt5, password: password)
    }

    var place: String { settings.urls[0].place }

    /// Signals end the program at once until then.
    func open(unless isTold: () -> Bool) throws(BridgeTrouble) {
        if try isGreeted() { return }
        connection = try BrokerConnection(settings, version: .mqtt311, password: password)
        _ = try isGreeted()
    }

    /// Whether the broker has taken the connection; false where it does not speak this version and another is worth trying.
    private func isGreeted() throws(BridgeTrouble) -> Bool {
        try connection.connect()
        let end = clock.now + MQTTClient.greeting
        while connection.report.answer == nil {
            let now = clock.now
            guard now < end else { throw BridgeTrouble(.time, .greeting, connection.report, settings.urls[0]) }
            var waits = [connection.wait]
            poll(&waits, 1, Int32(clamping: max(1, (end - now).wholeMilliseconds)))
            do throws(BridgeTrouble) {
                try connection.proceed(after: waits[0])
            } catch {
                guard version == nil, connection.version == .mqtt5, connection.report.isOtherVersion else {
                    throw error
                }
                return false
            }
        }
        return connection.report.isOpen
    }

    func readyToWait() -> pollfd {
        connection.holdBack(false)
        return connection.wait
    }

    /// What is written until the next wait goes together: the library writes each message by itself, and the broker would wake
    /// up for each.
    func proceed(after wait: pollfd) throws(BridgeTrouble) {
        connection.holdBack(true)
        try connection.proceed(after: wait)
    }

    func publish(_ message: StreamMessage, to topic: String, number: Int) throws(BridgeTrouble) -> Handover {
        try connection.publish(message.message.content, to: topic, number: number)
    }

    func takeAnswers(_ take: (Int, StreamAnswer.Word) -> Void) { connection.takeAnswers(take) }

    func close() { connection.disconnect() }
}

/// A version of MQTT.
enum MQTTVersion: String {
    case mqtt5 = "5"
    case mqtt311 = "3.1.1"
}
