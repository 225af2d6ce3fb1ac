import CKafka
import Glibc
import MPushBridge
import MPushModel
import MPushPlatform
import MPushRouting

/// A cluster of Kafka, which has a record on all replicas that are in sync before it reports it as delivered.
final class KafkaClient: BrokerClient {
    static let hasThreads = true

    /// How long brokers may take to answer the first question.
    private static let greeting = Duration.seconds(15)
    /// How long it is tried where every address refuses the connection: a name may have several, which the library tries one
    /// after the other, and says already of the first that all are down.
    private static let refusal = Duration.seconds(5)

    private let settings: BridgeSettings
    private let route: String
    private let producer: KafkaProducer
    private var lastNumber = 0
    /// What is on its way: its topic, and how many records had been delivered when it was handed over.
    private var records: [Int: (topic: String, delivered: Int)] = [:]
    private var delivered = 0
    private var answers: [(number: Int, word: StreamAnswer.Word)] = []
    /// The last that went wrong with brokers, in the library's words.
    private var complaint: String?

    init(_ settings: BridgeSettings, route: String, password: String?) throws(BridgeTrouble) {
        (self.settings, self.route) = (settings, route)
        producer = try KafkaProducer(KafkaProperties.list(settings, password: password))
    }

    var place: String { settings.urls.map(\.place).joined(separator: ",") }

    func open(unless isTold: () -> Bool) throws(BridgeTrouble) {
        let clock = MachineClock()
        let start = clock.now
        var isDown = false
        while !isTold(), !producer.isConnected() {
            producer.proceed()
            for (error, text) in producer.takeTroubles() {
                if error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN {
                    isDown = true
                    continue
                }
                complaint = text
                if error == RD_KAFKA_RESP_ERR__AUTHENTICATION || error == RD_KAFKA_RESP_ERR__SSL {
                    throw KafkaTrouble.refused(isLogin: error == RD_KAFKA_RESP_ERR__AUTHENTICATION, text, place)
                }
            }
            if clock.now - start >= (isDown ? KafkaClient.refusal : KafkaClient.greeting) {
                throw KafkaTrouble.absent(complaint, place)
            }
        }
    }

    func readyToWait() -> pollfd { producer.wait }

    func proceed(after wait: pollfd) throws(BridgeTrouble) {
        producer.proceed()
        for (error, text) in producer.takeTroubles() where error != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN {
            complaint = text
        }
        var isLost = false
        // Each topic is asked about once: under load there are as many reports as the window has room for.
        var topics: [String: KafkaTopicState] = [:]
        for (number, error) in producer.takeReports() {
            let record = records.removeValue(forKey: number)
            if error == RD_KAFKA_RESP_ERR_NO_ERROR { delivered += 1 }
            switch KafkaVerdict(code: error.rawValue, text: KafkaProducer.text(of: error)) {
            case .answer(let word): answers.append((number, word))
            case .trouble:
                // Where the cluster has taken others meanwhile, it is the topic that is in trouble.
                guard !isLost, error == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, let record, delivered > record.delivered
                else {
                    isLost = true
                    continue
                }
                let state = topics[record.topic] ?? producer.state(of: record.topic)
                topics[record.topic] = state
                switch state {
                case .unanswered: isLost = true
                case .good: answers.append((number, KafkaTrouble.stuck(nil, record.topic)))
                case .bad(let why): answers.append((number, KafkaTrouble.stuck(why, record.topic)))
                }
            }
        }
        if let fatal = producer.fatalTrouble {
            throw BridgeTrouble("\(place): the producer has to begin anew: \(fatal.shown(atMost: 200))")
        }
        if isLost { throw KafkaTrouble.lost(complaint, place) }
    }

    func publish(_ message: StreamMessage, to topic: String) throws(BridgeTrouble) -> Handover {
        var key: [UInt8]?
        if let template = settings.messageKey {
            key = template.bytes(
                message.message, route: route, attempt: message.attempt, atMost: KafkaProperties.longestMessage)
            if key == nil { return .answered(.reject(reason: "its key is longer than a message may be")) }
        }
        lastNumber += 1
        let error = producer.produce(
            message.message.content, key: key, to: topic, idempotencyKey: message.key, number: lastNumber)
        if error == RD_KAFKA_RESP_ERR_NO_ERROR {
            records[lastNumber] = (topic, delivered)
            return .sent(lastNumber)
        }
        switch KafkaVerdict(code: error.rawValue, text: KafkaProducer.text(of: error)) {
        case .answer(let word): return .answered(word)
        case .trouble:
            let fatal = producer.fatalTrouble ?? KafkaProducer.text(of: error)
            throw KafkaTrouble.lost(fatal, place)
        }
    }

    func takeAnswers() -> [(number: Int, word: StreamAnswer.Word)] {
        defer { answers.removeAll(keepingCapacity: true) }
        return answers
    }

    /// All is confirmed: the library says goodbye when it goes.
    func close() {}
}
