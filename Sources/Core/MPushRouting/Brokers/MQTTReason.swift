import MPushModel

/// What a broker says with a number (MQTT 5.0, section 2.4; MQTT 3.1.1, section 3.2.2.3).
package struct MQTTReason: Equatable, Sendable {
    package let code: Int32

    package init(code: Int32) {
        self.code = code
    }

    /// The broker speaks another version of the protocol. A broker of MQTT 3.1.1 says 1.
    package static let unsupportedVersion = MQTTReason(code: 0x84)

    /// What a confirmation means for its message: below 0x80 the broker has it, even where nobody subscribes.
    package var word: StreamAnswer.Word {
        switch code {
        case ..<0x80: .done
        case 0x90, 0x95, 0x99: .reject(reason: "the broker refused it: \(text)")
        default: .retry(reason: "the broker refused it: \(text)", wait: nil)
        }
    }

    /// In words.
    package var text: String {
        MQTTReason.texts[code] ?? "reason 0x\(String(code, radix: 16))"
    }

    /// Why a broker did not take a connection, and what to do. The numbers of MQTT 3.1.1 are 1 to 5.
    package var refusal: String {
        switch code {
        case 1, 0x84: "it speaks another version of MQTT. Try --protocol 3.1.1"
        case 2, 0x85: "the client id is not valid. Set another one with --client-id, or leave it out"
        case 3, 0x88: "it is not available now"
        case 4, 0x86: "user name or password is wrong. Look at --user and --password-file"
        case 5, 0x87:
            "not authorised. Look at --user, --password-file or --certificate, and at the broker's own settings"
        case 0x8A: "this client is banned there"
        default: text
        }
    }

    private static let texts: [Int32: String] = [
        0x80: "unspecified error", 0x81: "malformed packet", 0x82: "protocol error",
        0x83: "an error of its own implementation", 0x84: "unsupported protocol version",
        0x85: "client id not valid", 0x86: "bad user name or password", 0x87: "not authorised",
        0x88: "server unavailable", 0x89: "server busy", 0x8A: "banned", 0x8B: "it shuts down",
        0x8C: "bad authentication method", 0x8D: "nothing was heard from this client for too long",
        0x8E: "another client has taken over the session: two of them use one client id", 0x90: "topic name not valid",
        0x93: "more messages at once than it takes", 0x95: "packet too large", 0x96: "messages come too fast for it",
        0x97: "quota exceeded", 0x98: "an administrator ended it", 0x99: "payload format not valid",
        0x9A: "retained messages are not supported", 0x9B: "this quality of service is not supported",
        0x9C: "another server is to be used", 0x9D: "the server has moved", 0x9F: "too many connections at once",
        0xA0: "it has been connected for as long as it may be",
    ]
}
