import CLinux
import Glibc
import MPushModel
import MPushPlatform
import MPushRouting

/// Publishes what standard input has, and answers on standard output. One thread, which waits in poll(2).
final class Bridge {
    /// Bytes of a line.
    private static let longestLine = 64 << 20
    /// Bytes that are read at once.
    private static let chunk = 64 << 10
    /// Bytes of answers that wait for whoever reads them, before no more is read.
    private static let mostAnswers = 256 << 10
    /// A pipe that can be written to takes as many without waiting (PIPE_BUF of pipe(7)).
    private static let pieceOfAnswers = 4096
    /// How long the broker may take to answer the connection.
    private static let greeting = Duration.seconds(15)
    /// How long it may take over the message that waits longest; less than a route's `time_limit` is by default, so that the
    /// words are the bridge's own.
    private static let patience = Duration.seconds(20)
    /// How long what is on its way is waited for at the end.
    private static let farewell = Duration.seconds(5)

    private let settings: BridgeSettings
    private let route: String
    private let clock = MachineClock()
    private var window = PublishWindow()
    private var lines = LineCutter(longest: Bridge.longestLine)
    private var answers: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: Bridge.chunk)
    private var hasEnded = false
    /// By when it ends, whatever is on its way; nil until it has been asked to end.
    private var deadline: Instant?

    init(_ settings: BridgeSettings, route: String) {
        self.settings = settings
        self.route = route
    }

    /// To its end: the status to exit with.
    func run() -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        do throws(BrokerTrouble) {
            let password = try BrokerFiles.check(settings)
            let broker = try connected(password)
            try exchange(with: broker)
            broker.disconnect()
            return EX_OK
        } catch {
            // What was confirmed is said: it would come again otherwise.
            _ = FileSystem.writeAll(answers, to: STDOUT_FILENO)
            // The journal has the program's name already.
            let name = route.isEmpty ? "\(BridgeHelp.program): " : ""
            _ = FileSystem.writeAll(Array("\(name)\(error.text)\n".utf8), to: STDERR_FILENO)
            return error.status
        }
    }

    // MARK: - The connection

    /// A connection that the broker has taken, with the newest version that it speaks.
    private func connected(_ password: String?) throws(BrokerTrouble) -> BrokerConnection {
        let first = try greeted(settings.version ?? .mqtt5, password)
        if first.report.isOpen { return first }
        return try greeted(.mqtt311, password)
    }

    /// A connection that the broker has answered: it is open, or the broker does not speak this version and another is worth
    /// trying.
    private func greeted(_ version: MQTTVersion, _ password: String?) throws(BrokerTrouble) -> BrokerConnection {
        let broker = try BrokerConnection(settings, version: version, password: password)
        try broker.connect()
        let end = clock.now + Bridge.greeting
        while broker.report.answer == nil {
            let now = clock.now
            guard now < end else { throw BrokerTrouble(.time, .greeting, broker.report, settings.url) }
            var waits = [broker.wait]
            poll(&waits, 1, Bridge.milliseconds(until: end, from: now))
            do throws(BrokerTrouble) {
                try broker.proceed(after: waits[0])
            } catch {
                guard settings.version == nil, version == .mqtt5, broker.report.isOtherVersion else { throw error }
                return broker
            }
        }
        return broker
    }

    // MARK: - Messages

    private func exchange(with broker: BrokerConnection) throws(BrokerTrouble) {
        let signals = try Bridge.endingSignals()
        defer { close(signals) }
        while true {
            let now = clock.now
            try lookAtTime(now)
            if isDone { return }
            var waits = [
                broker.wait, pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
                pollfd(fd: mayRead ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: answers.isEmpty ? -1 : STDOUT_FILENO, events: Int16(POLLOUT), revents: 0),
            ]
            poll(&waits, nfds_t(waits.count), timeout(from: now))
            if waits[1].revents != 0 { stopReading() }
            do {
                // Also what the broker confirmed before it went.
                defer { answer(broker.takeConfirmed()) }
                try broker.proceed(after: waits[0])
            }
            if waits[2].revents != 0 { try read() }
            try publish(to: broker)
            if waits[3].revents != 0 { try writeAnswers() }
        }
    }

    private var isDone: Bool { hasEnded && window.count == 0 && lines.count == 0 && answers.isEmpty }

    private var mayRead: Bool {
        !hasEnded && !window.isFull && answers.count < Bridge.mostAnswers
    }

    private func stopReading() {
        hasEnded = true
        // What was not published will come again.
        lines = LineCutter(longest: Bridge.longestLine)
        if deadline == nil { deadline = clock.now + Bridge.farewell }
    }

    private func lookAtTime(_ now: Instant) throws(BrokerTrouble) {
        if let deadline, now >= deadline, !isDone {
            throw BrokerTrouble(
                "\(settings.url.place): \(window.count) messages were not confirmed before the bridge had to end")
        }
        if let oldest = window.oldest, now - oldest >= Bridge.patience {
            throw BrokerTrouble(
                "\(settings.url.place): the broker has not confirmed a message within "
                    + "\(Bridge.patience.humanReadable)")
        }
    }

    /// The library has to look after its connection now and then.
    private func timeout(from now: Instant) -> Int32 {
        if let deadline { return Bridge.milliseconds(until: deadline, from: now) }
        return window.count > 0 ? 1000 : 5000
    }

    private static func milliseconds(until end: Instant, from now: Instant) -> Int32 {
        Int32(clamping: max(1, (end - now).wholeMilliseconds))
    }

    private func read() throws(BrokerTrouble) {
        let count = Glibc.read(STDIN_FILENO, &chunk, chunk.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        guard count >= 0 else {
            throw BrokerTrouble(status: EX_IOERR, "standard input: \(OSError.text(for: errno))")
        }
        if count > 0 { lines.add(chunk[..<count]) } else { hasEnded = true }
    }

    private func publish(to broker: BrokerConnection) throws(BrokerTrouble) {
        while !window.isFull {
            guard let line = lines.next() ?? (hasEnded ? lines.rest() : nil) else { break }
            guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) else { continue }
            let message: StreamMessage
            do throws(StreamMessageError) {
                message = try StreamMessage(line: line, needsJSON: settings.topic.needsJSON)
            } catch {
                switch error {
                case .useless(let id, let reason): StreamAnswer(id: id, .reject(reason: reason)).append(to: &answers)
                case .unreadable(let words): throw Bridge.noMessage(words)
                }
                continue
            }
            try publish(message, to: broker)
        }
        if lines.isLost { throw Bridge.noMessage("it is longer than 64 MiB") }
    }

    private func publish(_ message: StreamMessage, to broker: BrokerConnection) throws(BrokerTrouble) {
        let (id, content) = (message.message.id, message.message.content)
        let topic: String
        do throws(TopicError) {
            topic = try settings.topic.expanded(message.message, route: route, attempt: message.attempt)
        } catch {
            StreamAnswer(id: id, .reject(reason: "its topic \(error)")).append(to: &answers)
            return
        }
        switch try broker.publish(content, to: topic) {
        case .sent(let number): window.sent(number, id: id, bytes: content.count, at: clock.now)
        case .refused(let reason): StreamAnswer(id: id, .reject(reason: reason)).append(to: &answers)
        }
    }

    private static func noMessage(_ words: String) -> BrokerTrouble {
        BrokerTrouble(
            status: EX_DATAERR,
            "standard input has a line that is no message: \(words). See the manual, mpush-bridge-mqtt(1)")
    }

    private func answer(_ confirmed: [(number: Int32, reason: MQTTReason)]) {
        for (number, reason) in confirmed {
            guard let id = window.confirmed(number) else { continue }
            StreamAnswer(id: id, reason.word).append(to: &answers)
        }
    }

    private func writeAnswers() throws(BrokerTrouble) {
        let piece = answers.prefix(Bridge.pieceOfAnswers)
        if let error = FileSystem.writeAll(Array(piece), to: STDOUT_FILENO) {
            answers = []
            throw BrokerTrouble(status: EX_IOERR, "standard output: \(OSError.text(for: error.number))")
        }
        answers.removeFirst(piece.count)
    }

    /// SIGTERM and SIGINT as something to read. Until then they end the program at once: nothing is on its way.
    private static func endingSignals() throws(BrokerTrouble) -> CInt {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        sigaddset(&set, SIGINT)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        let descriptor = signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
        guard descriptor >= 0 else { throw BrokerTrouble("signalfd: \(OSError.text(for: errno))") }
        return descriptor
    }
}
