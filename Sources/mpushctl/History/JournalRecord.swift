import MPushJSON
import MPushModel
import MPushPlatform

/// What a record of the daemon's in the journal says of its life, or of a connection's.
struct JournalRecord: Equatable {
    enum Kind: Equatable {
        /// The daemon has begun.
        case started
        /// It was told to end.
        case stopping
        /// A user is bound; after an outage, where there was one that counts.
        case online(identity: String, after: Outage?)
        /// A connection is gone, and is to come back.
        case lost(identity: String, reason: String?)
        case other
    }

    struct Outage: Equatable {
        var length: Duration
        var attempts: Int
        /// Why the last connection, or attempt, had ended; nil where the record does not say.
        var reason: String?
    }

    var time: WallTime
    /// Of the machine, as the journal numbers them.
    var boot: String
    /// Of the service, from one start to its end, as systemd numbers them; empty where the record does not say.
    var run: String
    var kind: Kind
}

extension JournalRecord {
    static let run = "_SYSTEMD_INVOCATION_ID"
    /// What journalctl(1) is asked for, beside what it gives always.
    static let fields =
        ["MESSAGE_ID", run] + [JournalFieldName.identity, .state, .lasted, .attempts, .causeDetail].map(\.rawValue)
    /// As arguments of journalctl(1).
    static let matches = matchesOfLife + ["MESSAGE_ID=\(LogEvent.connectionLost.messageID)"]
    /// Those that no end of the daemon is followed by.
    static let matchesOfLife = [LogEvent.started, .stopping, .online].map { "MESSAGE_ID=\($0.messageID)" }

    /// An entry as journalctl(1) gives it with `-o json`; nil for what is none.
    init?(_ line: Substring) {
        guard let entry = try? JSONParser.parse(line.utf8),
            let microseconds = (entry["__REALTIME_TIMESTAMP"]?.string).flatMap({ Int64($0) })
        else { return nil }
        boot = entry["_BOOT_ID"]?.string ?? ""
        run = entry[JournalRecord.run]?.string ?? ""
        func text(_ name: JournalFieldName) -> String? { entry[name.rawValue]?.string }
        time = WallTime(millisecondsSince1970: microseconds / 1000)
        switch entry["MESSAGE_ID"]?.string {
        case LogEvent.started.messageID: kind = .started
        case LogEvent.stopping.messageID: kind = .stopping
        case LogEvent.online.messageID:
            let outage = text(.lasted).flatMap { Int64($0) }.flatMap { length in
                length < 0
                    ? nil
                    : Outage(
                        length: .microseconds(length),
                        attempts: text(.attempts).flatMap { Int($0) }.map { max(0, $0) } ?? 0,
                        reason: text(.causeDetail))
            }
            guard let identity = text(.identity) else { return nil }
            kind = .online(identity: identity, after: outage)
        case LogEvent.connectionLost.messageID:
            guard let identity = text(.identity) else { return nil }
            // Nobody misses a connection that an operator does not want.
            let isUnwanted = [ConnectionState.paused, .unbound].contains { text(.state) == $0.rawValue }
            kind = isUnwanted ? .other : .lost(identity: identity, reason: text(.causeDetail))
        default: kind = .other
        }
    }
}
