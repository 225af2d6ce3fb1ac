import CMosquitto
import Glibc
import MPushBridge
import MPushModel
import MPushPlatform
import MPushRouting

/// One connection to a broker, by libmosquitto. Belongs to one thread: everything happens in the calls of it.
final class BrokerConnection {
    /// What the library calls back for, kept until it is asked for.
    private final class Events {
        var report = BrokerReport()
        var confirmed: [(packet: Int32, reason: MQTTReason)] = []
    }

    /// Seconds for each address of the broker.
    private static let connectSeconds: Int32 = 10
    /// Seconds without traffic until the broker is asked whether it is there.
    private static let keepAlive: Int32 = 30
    /// Where the system's authorities are.
    private static let systemAuthorities = "/etc/ssl/certs"

    private let settings: BridgeSettings
    private let url: BrokerURL
    private let client: OpaquePointer
    private let events = Events()
    let version: MQTTVersion
    private var isConnected = false
    /// The numbers of messages, by those that MQTT has for their packets.
    private var numbers: [Int32: Int] = [:]

    init(_ settings: BridgeSettings, version: MQTTVersion, password: String?) throws(BridgeTrouble) {
        (self.settings, self.version, url) = (settings, version, settings.urls[0])
        mosquitto_lib_init()
        guard
            let client = mosquitto_new(settings[.clientID], true, Unmanaged.passUnretained(events).toOpaque())
        else {
            throw BridgeTrouble(
                status: errno == EINVAL ? BridgeTrouble.configuration : BridgeTrouble.temporary,
                "the client of MQTT cannot be made: \(OSError.text(for: errno))")
        }
        self.client = client
        // The library's own bound on what is on its way is 20: whoever calls bounds it, and the broker.
        mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, 1024)
        mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, version == .mqtt5 ? 5 : 4)
        mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1)
        if let user = settings[.user] { mosquitto_username_pw_set(client, user, password) }
        if url.isEncrypted { try secure() }
        setCallbacks()
    }

    deinit {
        mosquitto_destroy(client)
        mosquitto_lib_cleanup()
    }

    private func secure() throws(BridgeTrouble) {
        let result = mosquitto_tls_set(
            client, settings[.authority], settings[.authority] == nil ? BrokerConnection.systemAuthorities : nil,
            settings[.certificate], settings[.key], nil)
        guard result == MOSQ_ERR_SUCCESS.rawValue else {
            throw BridgeTrouble(
                status: BridgeTrouble.configuration, "TLS cannot be set up: \(BrokerConnection.words(result))")
        }
        mosquitto_tls_opts_set(client, SSL_VERIFY_PEER, nil, nil)
    }

    private func setCallbacks() {
        mosquitto_connect_v5_callback_set(client) { _, object, code, _, _ in
            BrokerConnection.events(object)?.report.answer = MQTTReason(code: code)
        }
        mosquitto_disconnect_v5_callback_set(client) { _, object, code, _ in
            // Below that it is the library's own number for how the connection was lost.
            if code >= 0x80 { BrokerConnection.events(object)?.report.farewell = MQTTReason(code: code) }
        }
        mosquitto_publish_v5_callback_set(client) { _, object, packet, code, _ in
            BrokerConnection.events(object)?.confirmed.append((packet, MQTTReason(code: code)))
        }
        mosquitto_log_callback_set(client) { client, object, level, text in
            guard level == MOSQ_LOG_ERR, let events = BrokerConnection.events(object) else { return }
            if let text { events.report.complain(String(cString: text)) }
            if let problem = cmosquitto_certificate_problem(client) {
                events.report.certificateProblem = String(cString: problem)
            }
        }
    }

    private static func events(_ object: UnsafeMutableRawPointer?) -> Events? {
        object.map { Unmanaged<Events>.fromOpaque($0).takeUnretainedValue() }
    }

    // MARK: - What happened

    var report: BrokerReport { events.report }

    /// What to wait for; of a connection that is not there, nothing.
    var wait: pollfd {
        let events = mosquitto_want_write(client) ? POLLIN | POLLOUT : POLLIN
        return pollfd(fd: descriptor, events: Int16(events), revents: 0)
    }

    private var descriptor: Int32 { mosquitto_socket(client) }

    /// What the broker has confirmed since this was asked for.
    func takeAnswers(_ take: (Int, StreamAnswer.Word) -> Void) {
        for (packet, reason) in events.confirmed {
            if let number = numbers.removeValue(forKey: packet) { take(number, reason.word) }
        }
        events.confirmed.removeAll(keepingCapacity: true)
    }

    // MARK: - What happens

    /// Makes the connection, but for the broker's answer. This waits.
    func connect() throws(BridgeTrouble) {
        var number: Int32 = 0
        let result = cmosquitto_connect(
            client, url.host, Int32(url.port), BrokerConnection.keepAlive,
            BrokerConnection.connectSeconds, &number)
        if result != MOSQ_ERR_SUCCESS.rawValue { throw trouble(result, number: number) }
        isConnected = true
    }

    /// Whether the kernel keeps what is written until it fills a segment, or nobody holds it back any more (TCP_CORK of tcp(7)).
    func holdBack(_ isHeld: Bool) {
        var value: Int32 = isHeld ? 1 : 0
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Reads and writes what can be, and looks after the connection.
    func proceed(after wait: pollfd) throws(BridgeTrouble) {
        var result = MOSQ_ERR_SUCCESS.rawValue
        let ready = Int32(wait.revents)
        if ready & ~POLLOUT != 0 { result = mosquitto_loop_read(client, 1) }
        if result == MOSQ_ERR_SUCCESS.rawValue, ready & POLLOUT != 0, descriptor >= 0 {
            result = mosquitto_loop_write(client, 1)
        }
        if result == MOSQ_ERR_SUCCESS.rawValue, descriptor >= 0 { result = mosquitto_loop_misc(client) }
        if result != MOSQ_ERR_SUCCESS.rawValue || descriptor < 0 { throw trouble(result, number: errno) }
    }

    func publish(_ content: [UInt8], to topic: String, number: Int) throws(BridgeTrouble) -> Handover {
        guard let count = Int32(exactly: content.count) else { return refused("it is larger than MQTT has room for") }
        var packet: Int32 = 0
        let result = mosquitto_publish_v5(client, &packet, topic, count, content, 1, settings[.retain] != nil, nil)
        switch result {
        case MOSQ_ERR_SUCCESS.rawValue:
            numbers[packet] = number
            return .sent
        case MOSQ_ERR_INVAL.rawValue, MOSQ_ERR_MALFORMED_UTF8.rawValue:
            return refused("its topic \(topic.quoted) is not valid in MQTT")
        case MOSQ_ERR_PAYLOAD_SIZE.rawValue: return refused("it is larger than MQTT has room for")
        case MOSQ_ERR_OVERSIZE_PACKET.rawValue: return refused("it is larger than the broker takes")
        case MOSQ_ERR_QOS_NOT_SUPPORTED.rawValue:
            throw BridgeTrouble("\(url.place): the broker does not confirm messages (QoS 1 is not supported)")
        case MOSQ_ERR_RETAIN_NOT_SUPPORTED.rawValue:
            throw BridgeTrouble("\(url.place): the broker does not keep messages. Leave out --retain")
        default: throw trouble(result, number: errno)
        }
    }

    private func refused(_ reason: String) -> Handover { .answered(.reject(reason: reason)) }

    /// Says goodbye. What cannot be written at once is not: the connection ends anyway.
    func disconnect() {
        mosquitto_disconnect(client)
        if descriptor >= 0 { mosquitto_loop_write(client, 1) }
    }

    /// What a result of the library says, with what its callbacks have told.
    private func trouble(_ result: Int32, number: Int32) -> BridgeTrouble {
        let cause: BridgeTrouble.Cause =
            switch result {
            case MOSQ_ERR_EAI.rawValue: .name
            case MOSQ_ERR_TLS.rawValue: .tls
            case MOSQ_ERR_ERRNO.rawValue where number == EINTR: .time
            case MOSQ_ERR_ERRNO.rawValue where number != 0: .other(OSError.text(for: number))
            default: .other(BrokerConnection.words(result))
            }
        // What the broker says at once may end the call that connects: then there was a connection.
        // EPROTO is how the library says that OpenSSL could not write.
        let wasReached =
            isConnected || result == MOSQ_ERR_CONN_LOST.rawValue
            || result == MOSQ_ERR_ERRNO.rawValue && [EPROTO, ECONNRESET, EPIPE].contains(number)
        let stage: BridgeTrouble.Stage = !wasReached ? .connecting : report.isOpen ? .open : .greeting
        return BridgeTrouble(cause, stage, report, url)
    }

    private static func words(_ result: Int32) -> String {
        let text = mosquitto_strerror(result).map { String(cString: $0) } ?? "error \(result)"
        let plain = text.hasSuffix(".") ? String(text.dropLast()) : text
        return plain.prefix(1).lowercased() + plain.dropFirst()
    }
}
