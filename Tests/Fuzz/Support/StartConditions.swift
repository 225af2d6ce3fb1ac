import MPushModel
import MPushSession

/// How a scripted session begins: the first bytes of its script.
package struct StartConditions {
    /// The script's first byte.
    package struct Options: OptionSet, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// There is a stored session to resume.
        package static let hasTicket = Options(rawValue: 1)
        /// A missed read is not confirmed with a heartbeat.
        package static let withoutConfirmation = Options(rawValue: 2)
        /// Beats once a minute.
        package static let beatsOften = Options(rawValue: 4)
        /// The numbers of requests are about to start again from 1.
        package static let lastNumbers = Options(rawValue: 8)
        /// The stored session has expired.
        package static let isTicketOld = Options(rawValue: 16)
        /// The connection is the second: two requests were made before.
        package static let isSecond = Options(rawValue: 32)
        /// No user is wished.
        package static let isUnbound = Options(rawValue: 64)
    }

    /// The device of every scripted session.
    static let deviceID = "fuzz-device"
    /// The server takes bodies of this many bytes.
    static let maximumSend = 10 * 1024
    /// The wall clock at the beginning, in 2026.
    static let wallTime = WallTime(millisecondsSince1970: 1_780_000_000_000)

    private let options: Options
    private let secrets: HandshakeSecrets
    private let ticketKeys: CipherKeys

    /// Reads the options, the client's key and vector, and the key of the stored session: 1 + 16 + 16 + 16 bytes. They
    /// stand in the script so that it can hold frames that were really encrypted.
    init(from script: inout ScriptReader) throws(InvariantViolation) {
        options = Options(rawValue: script.byte() ?? 0)
        let clientKey = SecretBytes(script.padded(CipherKeys.length))
        let iv = SecretBytes(script.padded(CipherKeys.length))
        let ticketKey = SecretBytes(script.padded(CipherKeys.length))
        guard let secrets = HandshakeSecrets(clientKey: clientKey, iv: iv),
            let ticketKeys = CipherKeys(key: ticketKey, iv: iv)
        else { throw InvariantViolation("keys of the right length were refused") }
        self.secrets = secrets
        self.ticketKeys = ticketKeys
    }

    /// The session, not yet begun.
    func makeMachine() -> SessionStateMachine {
        SessionStateMachine(
            settings: settings,
            carryover: SessionCarryover(
                binding: UserBinding(
                    configured: Self.identity(0), override: options.contains(.isUnbound) ? .nobody : nil),
                nextRequestNumber: firstRequestNumber),
            endpoint: nil, ticket: options.contains(.hasTicket) ? ticket : nil, secrets: secrets)
    }

    /// One of a few identities.
    static func identity(_ choice: UInt8) -> SessionIdentity {
        SessionIdentity(
            userID: choice & 1 == 0 ? "alice" : "bob", tags: choice & 2 == 0 ? [] : ["a", "b"],
            credential: SecretBytes(choice & 4 == 0 ? [] : [1, 2, 3]))
    }

    private var firstRequestNumber: Int32 {
        if options.contains(.lastNumbers) { return .max - 1 }
        return options.contains(.isSecond) ? 3 : 1
    }

    private var ticket: SessionTicket {
        let age: Int64 = options.contains(.isTicketOld) ? -1 : 1
        return SessionTicket(
            sessionID: SecretBytes("0123456789abcdef".utf8), keys: ticketKeys, deviceID: Self.deviceID,
            client: settings.clientDescription,
            expires: WallTime(millisecondsSince1970: Self.wallTime.millisecondsSince1970 + age))
    }

    private var settings: SessionSettings {
        SessionSettings(
            deviceID: Self.deviceID, osName: "linux", osVersion: "6.1", clientVersion: "1.0",
            minimumHeartbeat: .seconds(10), maximumHeartbeat: .seconds(180),
            health: HealthSettings(
                pingEvery: options.contains(.beatsOften) ? .seconds(60) : nil,
                confirmation: options.contains(.withoutConfirmation) ? nil : .seconds(10)),
            handshakeTimeout: .seconds(10), bindTimeout: .seconds(10), requestTimeout: .seconds(10),
            requestRetries: 1, maximumSend: Self.maximumSend)
    }
}
