import Glibc
import MPushBridge
import MPushModel

exit(
    BridgeProgram(.mqtt, abstract: "mpush-bridge-mqtt publishes messages of mpushd to an MQTT broker (QoS 1).")
        .run(MQTTClient.self))
