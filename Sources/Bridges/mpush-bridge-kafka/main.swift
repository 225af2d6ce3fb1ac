import Glibc
import MPushBridge
import MPushModel

exit(
    BridgeProgram(
        .kafka, abstract: "mpush-bridge-kafka publishes messages of mpushd to a topic of Apache Kafka (acks=all)."
    )
    .run(KafkaClient.self))
