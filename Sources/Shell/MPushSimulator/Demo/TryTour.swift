import MPushModel

/// What `mpush-sim try` suggests next, from what has happened: each suggestion once, in order.
package struct TryTour: Sendable {
    /// A suggestion: words, and what can be typed as it stands.
    package struct Hint: Equatable, Sendable {
        package let words: String
        package let commands: [String]

        init(_ words: String, _ commands: String...) {
            self.words = words
            self.commands = commands
        }
    }

    private enum Step {
        case starting
        case online
        case delivered
        case broken
        case returned
    }

    private let controlProgram: String
    private let socketPath: String
    private var step = Step.starting

    /// `controlProgram` is how mpushctl is called, `socketPath` where the daemon listens.
    package init(controlProgram: String, socketPath: String) {
        self.controlProgram = controlProgram
        self.socketPath = socketPath
    }

    /// Takes notice of what happened.
    /// - Returns: what to suggest now.
    package mutating func observed(_ observation: DemoObservation) -> [Hint] {
        guard case .log(let line) = observation else { return [] }
        switch step {
        case .starting where line.text.hasPrefix("online as "):
            step = .online
            return [Hint("mpushd is online. Push a message to its user. Type here:", "push alice Good morning")]
        case .online where line.text.contains(TryConfiguration.printedWords):
            step = .delivered
            return [
                Hint(
                    "The message is on disk, the server has its ack, and a program has the message. In another terminal:",
                    "export MPUSHD_SOCKET=\(socketPath)", "\(controlProgram) status", "\(controlProgram) messages"),
                Hint("Then break the connection. Type here:", "drop"),
            ]
        case .delivered where line.text.contains(" lost: "):
            step = .broken
            return []
        case .broken where line.text.hasPrefix("online as "):
            step = .returned
            return [
                Hint("It is online again, by itself. More that a server can do wrong:", "help"),
                Hint("Ctrl-C ends it all and leaves nothing behind."),
            ]
        case .starting, .online, .delivered, .broken, .returned: return []
        }
    }
}
