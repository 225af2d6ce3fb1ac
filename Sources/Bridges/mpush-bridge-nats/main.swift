import Glibc
import MPushBridge
import MPushModel

exit(
    BridgeProgram(.nats, abstract: "mpush-bridge-nats publishes messages of mpushd to a stream of NATS (JetStream).")
        .run(NATSClient.self))
