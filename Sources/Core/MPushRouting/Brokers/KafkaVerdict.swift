import MPushModel

/// What the report about a record means for its message.
package enum KafkaVerdict: Equatable, Sendable {
    case answer(StreamAnswer.Word)
    /// It says something of the cluster, and nothing of the message.
    case trouble

    /// - Parameters:
    ///   - code: an error of Kafka's protocol, or a negative one of librdkafka's own.
    ///   - text: what it says.
    package init(code: Int32, text: String) {
        self =
            switch code {
            case 0: .answer(.done)
            // MSG_SIZE_TOO_LARGE, TOPIC_EXCEPTION, RECORD_LIST_TOO_LARGE, INVALID_RECORD.
            case 10, 17, 18, 87: .answer(.reject(reason: "the broker refused it: \(text.shown(atMost: 200))"))
            // _MSG_TIMED_OUT, _TRANSPORT, _ALL_BROKERS_DOWN, _TIMED_OUT, _DESTROY, _PURGE_QUEUE, _PURGE_INFLIGHT, _FATAL.
            case -192, -195, -187, -185, -197, -152, -151, -150: .trouble
            default: .answer(.retry(reason: "the broker refused it: \(text.shown(atMost: 200))", wait: nil))
            }
    }
}
