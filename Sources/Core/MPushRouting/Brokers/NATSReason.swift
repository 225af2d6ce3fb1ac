import MPushModel

/// What a server of NATS says of a message that it did not take (JetStream's `err_code`), and what that means for it.
package struct NATSReason: Equatable, Sendable {
    /// The number of the error; 0 where there is none.
    package let code: Int
    /// In the server's words.
    package let text: String

    package init(code: Int, text: String) {
        (self.code, self.text) = (code, text)
    }

    /// Nobody has heard it: there is no stream for its subject, or none that works now.
    package static func noStream(for subject: String) -> StreamAnswer.Word {
        .retry(
            reason:
                "no stream of JetStream takes the subject \(subject.shown(atMost: 96)) now. Is there one, and has it a leader?",
            wait: nil)
    }

    package var word: StreamAnswer.Word {
        switch code {
        // The message, or its headers, are larger than the stream takes.
        case 10054, 10097: .reject(reason: "the stream refused it: \(text)")
        default: .retry(reason: "the stream refused it: \(text.isEmpty ? "error \(code)" : text)", wait: nil)
        }
    }
}
