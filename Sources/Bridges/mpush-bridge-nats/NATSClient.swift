import CNATS
import Glibc
import MPushBridge
import MPushModel
import MPushRouting

/// A server of NATS with JetStream, which stores each message in the stream that its subject belongs to.
final class NATSClient: BrokerClient {
    static let hasThreads = true

    private let settings: BridgeSettings
    private let password: String?
    private let heard: Wakener<NATSConnection.Word>
    private var url: BrokerURL
    private var connection: NATSConnection?
    /// What is on its way, by the connection's own numbers.
    private var pending: [Int: (subject: String, number: Int)] = [:]
    private var answers: [(number: Int, word: StreamAnswer.Word)] = []
    private var complaint: String?

    init(_ settings: BridgeSettings, route: String, password: String?) throws(BridgeTrouble) {
        (self.settings, self.password) = (settings, password)
        url = settings.urls[0]
        heard = try Wakener()
        if let authority = settings[.authority] {
            // The library trusts the system's authorities besides: OpenSSL looks for them where these say.
            setenv("SSL_CERT_FILE", authority, 1)
            setenv("SSL_CERT_DIR", "/nonexistent", 1)
        }
    }

    deinit {
        connection = nil
        NATSConnection.endThreads()
    }

    var place: String { url.place }

    /// The first server that takes the connection; of those that do not, each says why.
    func open(unless isTold: () -> Bool) throws(BridgeTrouble) {
        var troubles: [BridgeTrouble] = []
        for url in settings.urls {
            if isTold() { return }
            do throws(NATSFailure) {
                connection = try NATSConnection(settings, url, password: password, heard: heard)
                self.url = url
                return
            } catch {
                troubles.append(error.troubleOpening(url))
            }
        }
        let status = troubles.map(\.status).max() ?? BridgeTrouble.temporary
        throw BridgeTrouble(status: status, troubles.map(\.text).joined(separator: "; "))
    }

    func readyToWait() -> pollfd { heard.wait }

    func proceed(after wait: pollfd) throws(BridgeTrouble) {
        var isClosed = false
        for word in heard.take() {
            switch word {
            case .stored(let number): answer(number, .done)
            case .failed(let number, let status, let reason): try failed(number, natsStatus(status), reason)
            case .complained(let words): complained(words)
            case .closed: isClosed = true
            }
        }
        if isClosed { throw lost() }
    }

    /// Why the connection that was there is no more: what the server or the library said, or else the call that failed.
    private func lost(_ error: NATSFailure? = nil) -> BridgeTrouble {
        let why = [complaint, connection?.lastError].compactMap { $0.map(NATSFailure.plain) }
            .first { !NATSClient.isOfSubject($0) && $0 != "Connection Closed" }
        return BridgeTrouble(
            "\(place): the connection to the server was lost\((why ?? error?.words).map { ": \($0)" } ?? "")")
    }

    /// What a call says of a connection that was there.
    private func end(of error: NATSFailure) -> BridgeTrouble {
        switch error.status {
        case NATS_TIMEOUT: unread
        case NATS_CONNECTION_CLOSED, NATS_CONNECTION_DISCONNECTED: lost()
        case NATS_IO_ERROR, NATS_SSL_ERROR, NATS_STALE_CONNECTION: lost(error)
        default: BridgeTrouble("\(place): a message cannot be sent: \(error.words)")
        }
    }

    private var unread: BridgeTrouble {
        BridgeTrouble("\(place): the server does not read what it is sent. Does it hang, or is the network cut?")
    }

    private func failed(_ number: Int, _ status: natsStatus, _ reason: NATSReason) throws(BridgeTrouble) {
        guard let subject = pending[number]?.subject else {
            connection?.forget(number)
            return
        }
        switch status {
        case NATS_TIMEOUT:
            do throws(NATSFailure) {
                try connection?.sendAgain(number)
            } catch {
                pending[number] = nil
                throw end(of: error)
            }
        case NATS_CONNECTION_CLOSED, NATS_CONNECTION_DISCONNECTED:
            // It comes again, by a connection that is there.
            pending[number] = nil
            connection?.forget(number)
            throw lost()
        case NATS_NO_RESPONDERS: answer(number, NATSReason.noStream(for: subject))
        default:
            let words = reason.text.isEmpty ? NATSFailure.text(of: status) : reason.text
            answer(number, NATSReason(code: reason.code, text: words.shown(atMost: 200)).word)
        }
    }

    private func answer(_ number: Int, _ word: StreamAnswer.Word) {
        if let message = pending.removeValue(forKey: number) { answers.append((message.number, word)) }
        connection?.forget(number)
    }

    /// The server does not say of which message it complains, but of which subject.
    private func complained(_ words: String) {
        guard NATSClient.isOfSubject(words) else {
            complaint = words
            return
        }
        for (sent, (subject, number)) in pending where words.contains("\"\(subject)\"") {
            answers.append((number, .retry(reason: "the server refused it: \(words.shown(atMost: 200))", wait: nil)))
            // The library has the message still: it is given back when its time is over.
            pending[sent] = nil
        }
    }

    /// Such a complaint is of one subject, and answered there: no connection ends by it.
    private static func isOfSubject(_ words: String) -> Bool { words.lowercased().contains("permissions violation") }

    func publish(_ message: StreamMessage, to topic: String, number: Int) throws(BridgeTrouble) -> Handover {
        guard let connection else { throw BridgeTrouble("\(place): there is no connection") }
        let (content, key) = (message.message.content, String(decoding: message.key, as: UTF8.self))
        do throws(NATSFailure) {
            pending[try connection.send(content, to: topic, key: key)] = (topic, number)
            return .sent
        } catch {
            switch error.status {
            case NATS_MAX_PAYLOAD:
                return .answered(
                    .reject(
                        reason:
                            "it is larger than the server takes, which is \(connection.longestMessage) bytes (max_payload)"
                    ))
            case NATS_INVALID_SUBJECT, NATS_INVALID_ARG:
                return .answered(.reject(reason: "its subject \(topic.quoted) is not valid in NATS"))
            default: throw end(of: error)
            }
        }
    }

    func takeAnswers(_ take: (Int, StreamAnswer.Word) -> Void) {
        for (number, word) in answers { take(number, word) }
        answers.removeAll(keepingCapacity: true)
    }

    /// All is confirmed: the connection ends with the client.
    func close() {}
}
