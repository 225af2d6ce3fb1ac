import CKafka
import CLinux
import Glibc
import MPushBridge
import MPushModel
import MPushRouting

/// What brokers say of a topic.
enum KafkaTopicState {
    /// Nothing: none of them answers.
    case unanswered
    case good
    /// In words.
    case bad(String)
}

/// What became of a record that is not delivered.
struct KafkaFailure {
    /// What it was handed over with.
    let number: Int
    let error: rd_kafka_resp_err_t
    let topic: String
    /// How long ago it was handed over.
    let age: Duration
}

/// The keys of the record that is handed over, always in the same memory.
struct KafkaKeys {
    /// Bytes of memory that are kept for the next.
    private static let mostKept = 4096

    /// Which partition it goes to; nil where that does not matter.
    private(set) var record: [UInt8]?
    /// What tells it from all others.
    private(set) var idempotency: [UInt8] = []

    /// Writes those of `message` over the ones before; false where that of the record is longer than a message may be.
    mutating func write(_ message: StreamMessage, _ template: ArgumentTemplate?, route: String) -> Bool {
        message.writeKey(over: &idempotency)
        guard let template else { return true }
        var key = record ?? []
        record = nil
        if key.capacity > KafkaKeys.mostKept { key = [] }
        key.removeAll(keepingCapacity: true)
        defer { record = key }
        return template.append(
            message.message, route: route, attempt: message.attempt, atMost: KafkaProperties.longestMessage, to: &key)
    }
}

/// A producer of librdkafka, which has threads of its own: it wakes whoever waits for `wait`, and calls back in `proceed` alone.
/// Belongs to one thread.
final class KafkaProducer {
    /// What the library calls back for, kept until it is asked for.
    private final class Events {
        var delivered: [Int] = []
        var failures: [KafkaFailure] = []
        var troubles: [(error: rd_kafka_resp_err_t, text: String)] = []
    }

    /// The name of the header that tells a record from all others.
    private let keyHeader = Array("Idempotency-Key".utf8CString)

    private let events = Events()
    private let producer: OpaquePointer
    private let descriptor: CInt
    /// The topic of the record before, which nearly always is that of the next: the library would look for its name each time.
    private var topic: (name: String, handle: OpaquePointer)?

    /// - Parameter properties: as librdkafka has them.
    init(_ properties: [(name: String, value: String)]) throws(BridgeTrouble) {
        let configuration = rd_kafka_conf_new()
        var words = [CChar](repeating: 0, count: 512)
        for (name, value) in properties
        where rd_kafka_conf_set(configuration, name, value, &words, words.count) != RD_KAFKA_CONF_OK {
            rd_kafka_conf_destroy(configuration)
            throw KafkaProducer.misfit(words)
        }
        rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(events).toOpaque())
        rd_kafka_conf_set_dr_msg_cb(configuration) { _, message, object in
            guard let message, let events = KafkaProducer.events(object) else { return }
            if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
                events.delivered.append(Int(bitPattern: message.pointee._private))
            } else {
                events.failures.append(KafkaFailure(message))
            }
        }
        rd_kafka_conf_set_error_cb(configuration) { _, number, text, object in
            let error = rd_kafka_resp_err_t(number)
            KafkaProducer.events(object)?.troubles.append((error, text.map { String(cString: $0) } ?? ""))
        }
        // What it would write to standard error comes as errors too.
        rd_kafka_conf_set_log_cb(configuration) { _, _, _, _ in }
        descriptor = eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK))
        guard let producer = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &words, words.count) else {
            rd_kafka_conf_destroy(configuration)
            close(descriptor)
            throw KafkaProducer.misfit(words)
        }
        self.producer = producer
        let queue = rd_kafka_queue_get_main(producer)
        var one: UInt64 = 1
        rd_kafka_queue_io_event_enable(queue, descriptor, &one, MemoryLayout<UInt64>.size)
        rd_kafka_queue_destroy(queue)
    }

    deinit {
        if let topic { rd_kafka_topic_destroy(topic.handle) }
        rd_kafka_purge(producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
        rd_kafka_destroy(producer)
        close(descriptor)
    }

    private static func misfit(_ words: [CChar]) -> BridgeTrouble {
        let text = String(decoding: words.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return BridgeTrouble(
            status: BridgeTrouble.configuration, "the producer of Kafka cannot be made: \(text.shown(atMost: 300))")
    }

    private static func events(_ object: UnsafeMutableRawPointer?) -> Events? {
        object.map { Unmanaged<Events>.fromOpaque($0).takeUnretainedValue() }
    }

    var wait: pollfd { pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0) }

    /// Has the library call back for all that has happened.
    func proceed() {
        var count: UInt64 = 0
        eventfd_read(descriptor, &count)
        rd_kafka_poll(producer, 0)
    }

    /// Whether a record was delivered that `takeDelivered` has not told of.
    var hasDelivered: Bool { !events.delivered.isEmpty }

    /// Calls `take` for each record that was delivered since this was asked for, with its number.
    func takeDelivered(_ take: (Int) -> Void) {
        for number in events.delivered { take(number) }
        events.delivered.removeAll(keepingCapacity: true)
    }

    /// The records that failed since this was asked for.
    func takeFailures() -> [KafkaFailure] {
        defer { events.failures = [] }
        return events.failures
    }

    /// What went wrong with brokers since this was asked for.
    func takeTroubles() -> [(error: rd_kafka_resp_err_t, text: String)] {
        defer { events.troubles = [] }
        return events.troubles
    }

    /// Whether a broker answers within a second.
    func isConnected() -> Bool {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let error = rd_kafka_metadata(producer, 0, nil, &metadata, 1000)
        if let metadata { rd_kafka_metadata_destroy(metadata) }
        return error == RD_KAFKA_RESP_ERR_NO_ERROR
    }

    /// What brokers say of a topic, asked for a second at most.
    func state(of topic: String) -> KafkaTopicState {
        guard let handle = rd_kafka_topic_new(producer, topic, nil) else { return .unanswered }
        defer { rd_kafka_topic_destroy(handle) }
        var metadata: UnsafePointer<rd_kafka_metadata>?
        guard rd_kafka_metadata(producer, 0, handle, &metadata, 1000) == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else {
            return .unanswered
        }
        defer { rd_kafka_metadata_destroy(metadata) }
        guard metadata.pointee.topic_cnt == 1, let error = metadata.pointee.topics?.pointee.err,
            error != RD_KAFKA_RESP_ERR_NO_ERROR
        else { return .good }
        return .bad(KafkaProducer.text(of: error))
    }

    /// What the producer cannot recover from; nil where there is nothing such.
    var fatalTrouble: String? {
        var words = [CChar](repeating: 0, count: 512)
        guard rd_kafka_fatal_error(producer, &words, words.count) != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return String(decoding: words.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Hands over a record: the report about it will have `number`, which is not 0.
    func produce(
        _ content: [UInt8], _ keys: KafkaKeys, to topic: String, number: Int
    ) -> rd_kafka_resp_err_t {
        guard let handle = handle(of: topic) else { return rd_kafka_last_error() }
        return ckafka_produce(
            producer, handle, keys.record, keys.record?.count ?? 0, content, content.count, keyHeader,
            keys.idempotency, keys.idempotency.count, UnsafeMutableRawPointer(bitPattern: number))
    }

    private func handle(of name: String) -> OpaquePointer? {
        if let topic, topic.name == name { return topic.handle }
        guard let handle = rd_kafka_topic_new(producer, name, nil) else { return nil }
        if let topic { rd_kafka_topic_destroy(topic.handle) }
        topic = (name, handle)
        return handle
    }

    /// What an error says.
    static func text(of error: rd_kafka_resp_err_t) -> String {
        rd_kafka_err2str(error).map { String(cString: $0) } ?? "error \(error.rawValue)"
    }
}

extension KafkaFailure {
    fileprivate init(_ message: UnsafePointer<rd_kafka_message_t>) {
        number = Int(bitPattern: message.pointee._private)
        error = message.pointee.err
        topic = rd_kafka_topic_name(message.pointee.rkt).map { String(cString: $0) } ?? ""
        age = .microseconds(max(0, rd_kafka_message_latency(message)))
    }
}
