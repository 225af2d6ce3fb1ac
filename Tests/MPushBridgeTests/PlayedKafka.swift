import CKafka
import Foundation
import Glibc
import MPushTestSupport
import Testing

/// librdkafka's own mock cluster, with three brokers, which it has for tests: no broker of Kafka itself is at hand. In this
/// process.
final class PlayedKafka {
    private let client: OpaquePointer
    private let cluster: OpaquePointer

    init() throws {
        var words = [CChar](repeating: 0, count: 256)
        let configuration = rd_kafka_conf_new()
        rd_kafka_conf_set_log_cb(configuration) { _, _, _, _ in }
        client = try #require(rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &words, words.count))
        cluster = try #require(rd_kafka_mock_cluster_new(client, 3))
    }

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(client)
    }

    /// `127.0.0.1:port` of each broker.
    private var places: [String] {
        let text = rd_kafka_mock_cluster_bootstraps(cluster).map { String(cString: $0) } ?? ""
        return text.split(separator: ",").map(String.init)
    }

    /// The arguments of a bridge that name the brokers.
    var urls: [String] { places.flatMap { ["--url", "kafka://\($0)"] } }

    func createTopic(_ name: String, partitions: Int32 = 4) {
        rd_kafka_mock_topic_create(cluster, name, partitions, 3)
    }

    /// What is answered to those who ask for this topic.
    func refuseTopic(_ name: String, _ error: rd_kafka_resp_err_t) {
        rd_kafka_mock_topic_set_error(cluster, name, error)
    }

    /// What is answered to the next requests that bring records.
    func refuseRecords(_ errors: [rd_kafka_resp_err_t]) {
        rd_kafka_mock_push_request_errors_array(cluster, 0, errors.count, errors)
    }

    func setDown(_ isDown: Bool, brokers: ClosedRange<Int32> = 1...3) {
        for broker in brokers {
            if isDown {
                rd_kafka_mock_broker_set_down(cluster, broker)
            } else {
                rd_kafka_mock_broker_set_up(cluster, broker)
            }
        }
    }

    static let reader = "/usr/bin/kcat"
    static let isReadable = access(reader, X_OK) == 0

    /// All records of a topic, as kcat(1) shows them with `format`; those of a partition in order.
    func read(_ topic: String, format: String = "%p %k %s\n") throws -> [String] {
        let outcome = try BuiltProgram.run(
            PlayedKafka.reader,
            ["-b", places.joined(separator: ","), "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", format])
        try #require(outcome.status == 0, "\(outcome.complaint)")
        return outcome.output.split(separator: "\n").map(String.init)
    }
}
