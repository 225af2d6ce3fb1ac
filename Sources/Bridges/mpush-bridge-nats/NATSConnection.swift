import CNATS
import Glibc
import MPushBridge
import MPushModel
import MPushRouting

/// One connection to a server of NATS, by libnats, and JetStream on it. It has threads of its own: what they say comes by
/// `heard`. Belongs to one thread.
final class NATSConnection {
    /// What the library's threads say.
    enum Word: Sendable {
        /// The message of this number is in the stream.
        case stored(Int)
        /// It is not, or nobody knows.
        case failed(Int, status: UInt32, NATSReason)
        /// The connection is no more.
        case closed
        /// The server complained of something that this client did.
        case complained(String)
    }

    /// Milliseconds until a message without an answer is sent again. The stream knows it if it has it.
    private static let answerTime: Int64 = 4000
    private static let connectTime: Int64 = 4000
    /// Milliseconds that a server which does not read may keep a call waiting: nobody looks at the time meanwhile, nor at signals.
    private static let writeTime: Int64 = 4000

    private let heard: Wakener<Word>
    private var connection: OpaquePointer?
    private var stream: OpaquePointer?

    /// Connects, and waits for it.
    init(
        _ settings: BridgeSettings, _ url: BrokerURL, password: String?, heard: Wakener<Word>
    ) throws(NATSFailure) {
        self.heard = heard
        var options: OpaquePointer?
        try NATSConnection.check(natsOptions_Create(&options))
        defer { natsOptions_Destroy(options) }
        try NATSConnection.check(natsOptions_SetURL(options, url.description))
        natsOptions_SetName(options, BrokerKind.nats.program)
        natsOptions_SetTimeout(options, NATSConnection.connectTime)
        natsOptions_SetWriteDeadline(options, NATSConnection.writeTime)
        // Who starts the bridge waits, longer each time; the next connection may be to another server of the cluster.
        natsOptions_SetAllowReconnect(options, false)
        natsOptions_SetPingInterval(options, 10_000)
        natsOptions_SetMaxPingsOut(options, 2)
        try NATSConnection.signIn(settings, password, options)
        // Also without TLS of ours: the library speaks it where the server wants that.
        try NATSConnection.check(natsOptions_SetExpectedHostname(options, url.host))
        if url.isEncrypted { try NATSConnection.secure(settings, options) }
        // Never given back: the library's threads may call until the process ends, also about a connection that was let go.
        let object = Unmanaged.passRetained(heard).toOpaque()
        natsOptions_SetClosedCB(options, { _, object in NATSConnection.heard(object)?.say(.closed) }, object)
        natsOptions_SetErrorHandler(
            options,
            { connection, _, status, object in
                var text: UnsafePointer<CChar>?
                natsConnection_GetLastError(connection, &text)
                let words = text.map { String(cString: $0) } ?? NATSFailure.text(of: status)
                NATSConnection.heard(object)?.say(.complained(words))
            }, object)
        try NATSConnection.check(natsConnection_Connect(&connection, options))
        try openStream(object)
    }

    deinit {
        // In this order: the stream's context belongs to the connection.
        jsCtx_Destroy(stream)
        natsConnection_Destroy(connection)
    }

    /// Waits for the library's threads: none may run while the process takes itself down. With no connection left.
    static func endThreads() { nats_CloseAndWait(2000) }

    private static func signIn(
        _ settings: BridgeSettings, _ password: String?, _ options: OpaquePointer?
    ) throws(NATSFailure) {
        if let user = settings[.user] { try check(natsOptions_SetUserInfo(options, user, password ?? "")) }
        if let file = settings[.credentials] {
            try check(natsOptions_SetUserCredentialsFromFiles(options, file, nil), isConfiguration: true)
        }
        if let key = settings[.nkey], let file = settings[.seedFile] {
            try check(natsOptions_SetNKeyFromSeed(options, key, file), isConfiguration: true)
        }
    }

    private static func secure(_ settings: BridgeSettings, _ options: OpaquePointer?) throws(NATSFailure) {
        try check(natsOptions_SetSecure(options, true))
        if let authority = settings[.authority] {
            try check(natsOptions_LoadCATrustedCertificates(options, authority), isConfiguration: true)
        }
        if let certificate = settings[.certificate], let key = settings[.key] {
            try check(natsOptions_LoadCertificatesChain(options, certificate, key), isConfiguration: true)
        }
    }

    private func openStream(_ object: UnsafeMutableRawPointer) throws(NATSFailure) {
        var options = jsOptions()
        try NATSConnection.check(jsOptions_Init(&options))
        // The bridge's window is smaller: nothing waits in a call.
        options.PublishAsync.MaxPending = 4096
        options.PublishAsync.AckHandler = { _, message, stored, failure, object in
            guard let heard = NATSConnection.heard(object) else { return }
            // The message is kept until the other thread has looked: another one could get its number otherwise.
            let number = Int(bitPattern: message)
            if stored != nil { return heard.say(.stored(number)) }
            let text = failure?.pointee.ErrText.map { String(cString: $0) } ?? ""
            heard.say(
                .failed(
                    number, status: failure?.pointee.Err.rawValue ?? 0,
                    NATSReason(code: Int(failure?.pointee.ErrCode.rawValue ?? 0), text: text)))
        }
        options.PublishAsync.AckHandlerClosure = object
        try NATSConnection.check(natsConnection_JetStream(&stream, connection, &options))
    }

    private static func heard(_ object: UnsafeMutableRawPointer?) -> Wakener<Word>? {
        object.map { Unmanaged<Wakener<Word>>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func check(_ status: natsStatus, isConfiguration: Bool = false) throws(NATSFailure) {
        if status != NATS_OK { throw NATSFailure(status, isConfiguration: isConfiguration) }
    }

    // MARK: - Messages

    /// Bytes that the server takes with one message.
    var longestMessage: Int { Int(natsConnection_GetMaxPayload(connection)) }

    /// Why the connection ended, in the library's words; nil where it does not know.
    var lastError: String? {
        var text: UnsafePointer<CChar>?
        natsConnection_GetLastError(connection, &text)
        return text.map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Sends a message, with a key that the stream knows it by if it comes again: its number. To be given back with `forget`.
    func send(_ content: [UInt8], to subject: String, key: String) throws(NATSFailure) -> Int {
        var message: OpaquePointer?
        let status = content.withUnsafeBytes { bytes in
            natsMsg_Create(
                &message, subject, nil, bytes.bindMemory(to: CChar.self).baseAddress, Int32(clamping: content.count))
        }
        try NATSConnection.check(status)
        defer { natsMsg_Destroy(message) }
        try NATSConnection.check(natsMsgHeader_Set(message, "Nats-Msg-Id", key))
        let number = Int(bitPattern: message)
        try submit(&message)
        return number
    }

    /// Sends once more what was not answered for.
    func sendAgain(_ number: Int) throws(NATSFailure) {
        var message = OpaquePointer(bitPattern: number)
        do throws(NATSFailure) {
            try submit(&message)
        } catch {
            natsMsg_Destroy(message)
            throw error
        }
    }

    /// Nothing is asked about this message any more.
    func forget(_ number: Int) { natsMsg_Destroy(OpaquePointer(bitPattern: number)) }

    private func submit(_ message: inout OpaquePointer?) throws(NATSFailure) {
        var options = jsPubOptions()
        jsPubOptions_Init(&options)
        options.MaxWait = NATSConnection.answerTime
        try NATSConnection.check(js_PublishMsgAsync(stream, &message, &options))
    }
}
