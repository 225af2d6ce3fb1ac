/// What is recorded of one message and one consumer; the numbers are those in the database.
enum DeliveryState: Int64, Sendable {
    /// Settled, though something before it is not.
    case settled = 1
    /// Tried in vain, to be tried again.
    case attempted = 2
    /// A dead letter.
    case dead = 3
    /// A dead letter that is to be sent again.
    case returned = 4
    /// A dead letter that was sent again, and confirmed: known until its message goes.
    case resent = 5
    /// A dead letter that an operator has discarded: known until its message goes.
    case discarded = 6

    /// Whether the message is kept because of it, also when everybody has settled it.
    var holdsMessage: Bool {
        switch self {
        case .settled, .attempted, .resent, .discarded: false
        case .dead, .returned: true
        }
    }

    /// The state as SQL has it.
    var sql: String { String(rawValue) }

    /// States as SQL has them after IN: `(3, 4)`.
    static func sql(_ states: DeliveryState...) -> String { "(\(states.map(\.sql).joined(separator: ", ")))" }
}

/// A row of the table `delivery`.
struct DeliveryRecord {
    var state: DeliveryState
    var attempts = 0
    /// When it is to be tried again, by the inbox's own time; when it was settled or given up, by
    /// the wall clock.
    var time: Int64 = 0
    var reason: String?

    /// What a row counts towards `max_bytes` beside its reason: itself and its place in an index.
    static let bytes = 64

    /// What a row counts, as SQL has it.
    static let sqlBytes = "\(bytes) + coalesce(length(CAST(reason AS BLOB)), 0)"

    /// What it counts.
    var bytes: Int { DeliveryRecord.bytes + (reason?.utf8.count ?? 0) }
}
