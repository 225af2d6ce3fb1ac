package import NIOCore

/// One end of a connection to the system bus that hears one thing: logind's PrepareForSleep (org.freedesktop.login1(5)). A pure
/// value: bytes in, bytes and facts out.
///
/// It signs in as the user that the kernel says (D-Bus specification, "Authentication Protocol", EXTERNAL), greets the bus and
/// asks it for that signal of that sender. The bus sees to it that nobody else's comes; one that somebody sent to this
/// connection alone, past what was asked for, has a destination, and is ignored.
package struct SleepListener: Sendable {
    /// What was heard, or is to be done.
    package enum Action: Equatable, Sendable {
        case send([UInt8])
        /// The bus will tell from now on.
        case listening
        /// The machine is about to sleep.
        case sleeps
        /// The machine has woken.
        case woke
        /// The bus does not do what it is asked, or is none: close. Nothing comes after it.
        case fail(detail: String)
    }

    private enum Phase: Sendable {
        case signingIn
        case greeting
        case asking
        case listening
        case failed
    }

    private enum Serial {
        static let hello: UInt32 = 1
        static let match: UInt32 = 2
    }

    /// No line of the sign-in is longer.
    private static let longestLine = 1024
    private static let rule =
        "type='signal',sender='org.freedesktop.login1',path='/org/freedesktop/login1',"
        + "interface='org.freedesktop.login1.Manager',member='PrepareForSleep'"

    private var phase = Phase.signingIn
    private var buffer = ByteBuffer()
    /// How many bytes are passed over: the rest of a message that is too long.
    private var unwanted = 0

    package init() {}

    /// What is sent first, all of it at once: the user is the one that the kernel says.
    package var opening: [UInt8] { [0] + Array("AUTH EXTERNAL\r\nDATA\r\n".utf8) }

    /// Bytes came from the bus.
    package mutating func received(_ bytes: ByteBuffer) -> [Action] {
        if case .failed = phase { return [] }
        var bytes = bytes
        buffer.writeBuffer(&bytes)
        var actions: [Action] = []
        while let step = step() {
            actions += step
            if case .failed = phase { break }
        }
        buffer.discardReadBytes()
        return actions
    }

    /// What the next line or message comes to; nil where it is not whole.
    private mutating func step() -> [Action]? {
        if case .signingIn = phase { return line() }
        if unwanted > 0 {
            let count = min(unwanted, buffer.readableBytes)
            buffer.moveReaderIndex(forwardBy: count)
            unwanted -= count
            return count > 0 ? [] : nil
        }
        do throws(DBusMessage.Malformed) {
            switch try DBusMessage.take(from: &buffer) {
            case .message(let message)?: return took(message)
            case .tooLong(let bytes)?:
                unwanted = bytes
                return []
            case nil: return nil
            }
        } catch {
            return fail("it sends what is no message of D-Bus")
        }
    }

    private mutating func line() -> [Action]? {
        guard let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else {
            return buffer.readableBytes > SleepListener.longestLine ? fail("it does not answer as a bus does") : nil
        }
        let line = buffer.readString(length: end - buffer.readerIndex + 1) ?? ""
        // The question for what was sent with the first line already.
        if line == "DATA\r\n" { return [] }
        guard line.hasPrefix("OK ") else { return fail("it does not let this user in") }
        phase = .greeting
        let begin = Array("BEGIN\r\n".utf8)
        return [.send(begin + DBusMessage.callOfBus("Hello", nil, serial: Serial.hello))]
    }

    private mutating func took(_ message: DBusMessage) -> [Action] {
        switch (phase, message.kind) {
        case (.greeting, .answer) where message.answeredSerial == Serial.hello:
            phase = .asking
            return [.send(DBusMessage.callOfBus("AddMatch", SleepListener.rule, serial: Serial.match))]
        case (.asking, .answer) where message.answeredSerial == Serial.match:
            phase = .listening
            return [.listening]
        case (.greeting, .error), (.asking, .error): return fail("it refuses to tell")
        case (.listening, .signal): return signalled(message)
        default: return []
        }
    }

    private func signalled(_ message: DBusMessage) -> [Action] {
        guard message.destination == nil, message.path == "/org/freedesktop/login1",
            message.interface == "org.freedesktop.login1.Manager", message.member == "PrepareForSleep",
            let isGoingToSleep = message.flag
        else { return [] }
        return [isGoingToSleep ? .sleeps : .woke]
    }

    private mutating func fail(_ detail: String) -> [Action] {
        phase = .failed
        buffer = ByteBuffer()
        return [.fail(detail: detail)]
    }
}
