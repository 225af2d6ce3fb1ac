import CLinux
import Glibc
import MPushModel
import MPushPlatform
import MPushRouting

private enum BridgeLimits {
    /// Bytes of a line.
    static let longestLine = 64 << 20
    /// Bytes that are read at once.
    static let chunk = 64 << 10
    /// Bytes of answers that wait for whoever reads them, before no more is read.
    static let mostAnswers = 256 << 10
    /// A pipe that can be written to takes as many without waiting (PIPE_BUF of pipe(7)).
    static let pieceOfAnswers = 4096
    /// How long the broker may take over the message that waits longest; less than a route's `time_limit` is by default, so
    /// that the words are the bridge's own.
    static let patience = Duration.seconds(20)
    /// How long what is on its way is waited for at the end; less than mpushd waits for the program's.
    static let farewell = Duration.milliseconds(1500)
}

/// Publishes what standard input has, and answers on standard output. One thread, which waits in poll(2).
struct Bridge {
    private let settings: BridgeSettings
    private let route: String
    private let clock = MachineClock()
    private var window = PublishWindow()
    private var reader: StreamMessageReader
    private var lines = LineCutter(longest: BridgeLimits.longestLine)
    private var answers: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: BridgeLimits.chunk)
    private var hasEnded = false
    /// By when it ends, whatever is on its way; nil until it has been asked to end.
    private var deadline: Instant?

    init(_ settings: BridgeSettings, route: String) {
        self.settings = settings
        reader = StreamMessageReader(needsJSON: settings.needsJSON)
        self.route = route
    }

    /// To its end: the status to exit with.
    mutating func run<Client: BrokerClient>(_: Client.Type) -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        do throws(BridgeTrouble) {
            let password = try BridgeFiles.check(settings)
            // Until then signals end the program at once: nothing is on its way. Threads of the library have to begin with them
            // blocked: one that was not would get them.
            var signals = Client.hasThreads ? try Bridge.endingSignals() : -1
            let client = try Client(settings, route: route, password: password)
            let opening = signals < 0 ? nil : try OpeningGuard(signals)
            try client.open { Bridge.isReadable(signals) }
            opening?.release()
            if signals < 0 { signals = try Bridge.endingSignals() }
            defer { close(signals) }
            // There may be no connection then, and nothing is on its way.
            if Bridge.isReadable(signals) { return EX_OK }
            try exchange(with: client, signals)
            client.close()
            return EX_OK
        } catch {
            // What was confirmed is said: it would come again otherwise.
            _ = FileSystem.writeAll(answers, to: STDOUT_FILENO)
            // The journal has the program's name already.
            let name = route.isEmpty ? "\(settings.broker.program): " : ""
            _ = FileSystem.writeAll(Array("\(name)\(error.text)\n".utf8), to: STDERR_FILENO)
            return error.status
        }
    }

    // MARK: - Messages

    private mutating func exchange(with client: any BrokerClient, _ signals: CInt) throws(BridgeTrouble) {
        while true {
            let now = clock.now
            try lookAtTime(now, client)
            if isDone { return }
            var waits = [
                client.readyToWait(),
                // It stays readable: once is enough.
                pollfd(fd: deadline == nil ? signals : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: mayRead ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: answers.isEmpty ? -1 : STDOUT_FILENO, events: Int16(POLLOUT), revents: 0),
            ]
            poll(&waits, nfds_t(waits.count), timeout(from: now))
            if waits[1].revents != 0 { stopReading() }
            do {
                // Also what the broker confirmed before it went.
                defer { client.takeAnswers { answer($0, $1) } }
                try client.proceed(after: waits[0])
            }
            if waits[2].revents != 0 { try read() }
            try publish(to: client)
            if waits[3].revents != 0 { try writeAnswers() }
        }
    }

    private var isDone: Bool { hasEnded && window.count == 0 && lines.count == 0 && answers.isEmpty }

    private var mayRead: Bool {
        !hasEnded && !window.isFull && answers.count < BridgeLimits.mostAnswers
    }

    private mutating func stopReading() {
        hasEnded = true
        // What was not published will come again.
        lines = LineCutter(longest: BridgeLimits.longestLine)
        if deadline == nil { deadline = clock.now + BridgeLimits.farewell }
    }

    private func lookAtTime(_ now: Instant, _ client: any BrokerClient) throws(BridgeTrouble) {
        if let deadline, now >= deadline, !isDone {
            throw BridgeTrouble(
                "\(client.place): \(window.count) messages were not confirmed before the bridge had to end")
        }
        if let oldest = window.oldest, now - oldest >= BridgeLimits.patience {
            throw BridgeTrouble(
                "\(client.place): the broker has not confirmed a message within "
                    + "\(BridgeLimits.patience.humanReadable)")
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

    private mutating func read() throws(BridgeTrouble) {
        let count = Glibc.read(STDIN_FILENO, &chunk, chunk.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        guard count >= 0 else {
            throw BridgeTrouble(status: EX_IOERR, "standard input: \(OSError.text(for: errno))")
        }
        if count > 0 { lines.add(chunk[..<count]) } else { hasEnded = true }
    }

    private mutating func publish(to client: any BrokerClient) throws(BridgeTrouble) {
        // For all of this turn: a library that blocks in it has the broker's time counted from the turn's beginning.
        let now = clock.now
        while !window.isFull {
            guard let line = lines.next() ?? (hasEnded ? lines.rest() : nil) else { break }
            guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) else { continue }
            let message: StreamMessage
            do throws(StreamMessageError) {
                message = try reader.read(line)
            } catch {
                switch error {
                case .useless(let id, let reason): StreamAnswer(id: id, .reject(reason: reason)).append(to: &answers)
                case .unreadable(let words): throw noMessage(words)
                }
                continue
            }
            try publish(message, to: client, at: now)
        }
        if lines.isLost { throw noMessage("it is longer than 64 MiB") }
    }

    private mutating func publish(
        _ message: StreamMessage, to client: any BrokerClient, at now: Instant
    ) throws(BridgeTrouble) {
        let id = message.message.id
        let topic: String
        do throws(TopicError) {
            topic = try settings.topic.expanded(message.message, route: route, attempt: message.attempt)
        } catch {
            let what = settings.broker.topicKey.rawValue
            StreamAnswer(id: id, .reject(reason: "its \(what) \(error)")).append(to: &answers)
            return
        }
        switch try client.publish(message, to: topic, number: window.next) {
        case .sent: window.sent(id: id, bytes: message.message.content.count, at: now)
        case .answered(let word): StreamAnswer(id: id, word).append(to: &answers)
        }
    }

    private func noMessage(_ words: String) -> BridgeTrouble {
        BridgeTrouble(
            status: EX_DATAERR,
            "standard input has a line that is no message: \(words). See the manual, \(settings.broker.program)(1)")
    }

    private mutating func answer(_ number: Int, _ word: StreamAnswer.Word) {
        guard let id = window.confirmed(number) else { return }
        StreamAnswer(id: id, word).append(to: &answers)
    }

    /// What there is room for now.
    private mutating func writeAnswers() throws(BridgeTrouble) {
        var rest = answers[...]
        repeat {
            let piece = rest.prefix(BridgeLimits.pieceOfAnswers)
            if let error = FileSystem.writeAll(Array(piece), to: STDOUT_FILENO) {
                answers = []
                throw BridgeTrouble(status: EX_IOERR, "standard output: \(OSError.text(for: error.number))")
            }
            rest.removeFirst(piece.count)
        } while !rest.isEmpty && Bridge.isReady(STDOUT_FILENO, to: POLLOUT)
        answers.removeFirst(answers.count - rest.count)
    }

    private static func isReadable(_ descriptor: CInt) -> Bool { isReady(descriptor, to: POLLIN) }

    private static func isReady(_ descriptor: CInt, to events: Int32) -> Bool {
        var wait = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return poll(&wait, 1, 0) > 0
    }

    /// SIGTERM and SIGINT as something to read.
    private static func endingSignals() throws(BridgeTrouble) -> CInt {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        sigaddset(&set, SIGINT)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        let descriptor = signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
        guard descriptor >= 0 else { throw BridgeTrouble("signalfd: \(OSError.text(for: errno))") }
        return descriptor
    }
}
