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
    private let clock = MachineClock()
    /// When a record was delivered last.
    private var lastDelivery: Instant?
    /// What is to be said of records that were not delivered.
    private var answers: [(number: Int, word: StreamAnswer.Word)] = []
    private var keys = KafkaKeys()
    /// The last that went wrong with brokers, in the library's words.
    private var complaint: String?

    init(_ settings: BridgeSettings, route: String, password: String?) throws(BridgeTrouble) {
        (self.settings, self.route) = (settings, route)
        producer = try KafkaProducer(KafkaProperties.list(settings, password: password))
    }

    var place: String { settings.urls.map(\.place).joined(separator: ",") }

    func open(unless isTold: () -> Bool) throws(BridgeTrouble) {
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
        // The ages of failures are of now; asking for the state of topics takes time.
        let now = clock.now
        for (error, text) in producer.takeTroubles() where error != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN {
            complaint = text
        }
        if producer.hasDelivered { lastDelivery = now }
        let isLost = hasLost(producer.takeFailures(), at: now)
        if let fatal = producer.fatalTrouble {
            throw BridgeTrouble("\(place): the producer has to begin anew: \(fatal.shown(atMost: 200))")
        }
        if isLost { throw KafkaTrouble.lost(complaint, place) }
    }

    /// Answers for records that failed; true where it is the cluster that is in trouble.
    private func hasLost(_ failures: [KafkaFailure], at now: Instant) -> Bool {
        var isLost = false
        // Each topic is asked about once: under load there are as many reports as the window has room for.
        var topics: [String: KafkaTopicState] = [:]
        for failure in failures {
            switch KafkaVerdict(code: failure.error.rawValue, text: KafkaProducer.text(of: failure.error)) {
            case .answer(let word): answers.append((failure.number, word))
            case .trouble:
                guard !isLost, failure.error == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
                    othersWereDelivered(failure.age, at: now)
                else {
                    isLost = true
                    continue
                }
                let state = topics[failure.topic] ?? producer.state(of: failure.topic)
                topics[failure.topic] = state
                switch state {
                case .unanswered: isLost = true
                case .good: answers.append((failure.number, KafkaTrouble.stuck(nil, failure.topic)))
                case .bad(let why): answers.append((failure.number, KafkaTrouble.stuck(why, failure.topic)))
                }
            }
        }
        return isLost
    }

    /// Whether the cluster has taken a record within `age`: then it is the topic of one that failed that is in trouble.
    private func othersWereDelivered(_ age: Duration, at now: Instant) -> Bool {
        lastDelivery.map { now - $0 < age } ?? false
    }

    func publish(_ message: StreamMessage, to topic: String, number: Int) throws(BridgeTrouble) -> Handover {
        guard keys.write(message, settings.messageKey, route: route) else {
            return .answered(.reject(reason: "its key is longer than a message may be"))
        }
        let error = producer.produce(message.message.content, keys, to: topic, number: number)
        if error == RD_KAFKA_RESP_ERR_NO_ERROR { return .sent }
        switch KafkaVerdict(code: error.rawValue, text: KafkaProducer.text(of: error)) {
        case .answer(let word): return .answered(word)
        case .trouble:
            let fatal = producer.fatalTrouble ?? KafkaProducer.text(of: error)
            throw KafkaTrouble.lost(fatal, place)
        }
    }

    func takeAnswers(_ take: (Int, StreamAnswer.Word) -> Void) {
        producer.takeDelivered { take($0, .done) }
        for (number, word) in answers { take(number, word) }
        answers.removeAll(keepingCapacity: true)
    }

    /// All is confirmed: the library says goodbye when it goes.
    func close() {}
}
