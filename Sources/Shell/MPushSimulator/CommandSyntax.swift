/// How one command is written, and what it means.
struct CommandSyntax: Sendable {
    let word: String
    /// What follows the word, as `help` shows it.
    let arguments: String
    let meaning: String
    /// Reads the words after the command; nil where they are not as `arguments` says.
    let read: @Sendable ([String]) -> SimulatorCommand?

    /// By its word.
    static let all = Dictionary(uniqueKeysWithValues: inOrder.map { ($0.word, $0) })

    /// As `help` lists them.
    static let inOrder: [CommandSyntax] = messages + faultsAtOnce + lastingFaults + others

    private static let messages: [CommandSyntax] = [
        .init("push", "USER TEXT [--auto-ack|--biz-ack|--no-ack]", "push a text to a user", SimulatorCommand.push),
        .init("broadcast", "TAG TEXT [--auto-ack|...]", "push a text to all with a tag", SimulatorCommand.broadcast),
        .init("pushmany", "USER COUNT [BYTES]", "push as fast as the socket accepts it", SimulatorCommand.flood),
    ]

    private static let faultsAtOnce: [CommandSyntax] = [
        .init("kick", "USER", "kick the user, as if it were bound elsewhere") { words in
            words.count == 1 ? .inject(.kick, into: .user(words[0])) : nil
        },
        atOnce("drop", "close the connection", .close),
        atOnce("reset", "reset the connection (TCP RST)", .reset),
        atOnce("rubbish", "send bytes that are not a frame", .sendRubbish),
        atOnce("unknown", "send a command that is not defined", .sendUnknownCommand),
        atOnce("oversize", "send the header of a frame of 2 GiB", .sendOversizeLength),
        atOnce("badcipher", "push a body that cannot be decrypted", .sendBadCiphertext),
        atOnce("bomb", "push a body that inflates to 16 MiB", .sendZlibBomb),
        .init("cut", "[silent]", "send half a frame, then close (or fall silent)") { words in
            if words.isEmpty { return .inject(.cutFrame(.close), into: .present) }
            return words == ["silent"] ? .inject(.cutFrame(.silence), into: .present) : nil
        },
        .init("expire", "", "forget all sessions: they cannot be resumed") { words in
            words.isEmpty ? .inject(.expireSessions, into: .everyone) : nil
        },
    ]

    private static let lastingFaults: [CommandSyntax] = [
        .init("mute", "", "stop answering heartbeats") { words in
            words.isEmpty ? .inject(.muteHeartbeats, into: .everyone) : nil
        },
        .init("unmute", "", "answer heartbeats again") { $0.isEmpty ? .lift(.muteHeartbeats) : nil },
        .init("silent", "COUNT", "send nothing on the next COUNT connections") { words in
            guard words.count == 1, let count = Int(words[0]), count > 0 else { return nil }
            return .inject(.sayNothing, into: .next(count, at: .accepted))
        },
        .init("late", "DURATION", "delay each answer by DURATION; late 0 ends it") { words in
            guard words.count == 1, let lateness = Duration(argument: words[0]), lateness >= .zero else { return nil }
            return lateness == .zero ? .lift(.answerLate(.zero)) : .inject(.answerLate(lateness), into: .everyone)
        },
        .init("heartbeat", "DURATION|off", "announce this heartbeat interval, even an absurd one") { words in
            guard words.count == 1 else { return nil }
            if words[0] == "off" { return .lift(.tellHeartbeat(.zero)) }
            return Duration(argument: words[0]).map { .inject(.tellHeartbeat($0), into: .everyone) }
        },
        onOff("twice", "send each answer twice", .answerTwice),
        onOff("bytewise", "write each byte separately", .writeBytewise),
        onOff("stall", "stop reading from the sockets", .stopReading),
        onOff("deny", "answer FAST_CONNECT with INVALID_DEVICE", .denyDevice),
        onOff("nobind", "refuse to bind", .refuseBind),
        onOff("refuse", "refuse new connections", .refuseConnections),
        .init("restore", "", "end all faults") { $0.isEmpty ? .lift(nil) : nil },
    ]

    private static let others: [CommandSyntax] = [
        .init("list", "", "the connections") { $0.isEmpty ? .list : nil },
        .init("stats", "", "the counters") { $0.isEmpty ? .statistics : nil },
        .init("help", "", "this list") { $0.isEmpty ? .help : nil },
        .init("quit", "", "end the simulator") { $0.isEmpty ? .quit : nil },
    ]

    private init(
        _ word: String, _ arguments: String, _ meaning: String,
        _ read: @escaping @Sendable ([String]) -> SimulatorCommand?
    ) {
        self.word = word
        self.arguments = arguments
        self.meaning = meaning
        self.read = read
    }

    /// A fault for one user's connections, or for all.
    private static func atOnce(_ word: String, _ meaning: String, _ fault: SimulatorFault) -> CommandSyntax {
        .init(word, "[USER]", meaning) { words in
            guard words.count <= 1 else { return nil }
            return .inject(fault, into: words.first.map { .user($0) } ?? .present)
        }
    }

    private static func onOff(_ word: String, _ meaning: String, _ fault: SimulatorFault) -> CommandSyntax {
        .init(word, "on|off", meaning) { words in
            switch words {
            case ["on"]: .inject(fault, into: .everyone)
            case ["off"]: .lift(fault)
            default: nil
            }
        }
    }
}

extension Duration {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
    ]

    /// The duration that `text` spells: a whole number and a unit, `500ms`, `2s`, `3m`, `1h`, `-5s`; or a bare `0`. Nil
    /// where it spells none, or more than a day.
    package init?(argument text: String) {
        if text == "0" {
            self = .zero
            return
        }
        guard let unit = Self.units.first(where: { text.hasSuffix($0.suffix) }),
            let number = Int64(text.dropLast(unit.suffix.count)), abs(number.clamped) <= 86_400_000 / unit.milliseconds
        else { return nil }
        self = .milliseconds(number * unit.milliseconds)
    }
}

extension Int64 {
    /// This number, away from the smallest of all, which has no magnitude.
    fileprivate var clamped: Int64 { Swift.max(self, -.max) }
}
