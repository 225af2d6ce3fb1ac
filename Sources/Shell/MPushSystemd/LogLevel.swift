import Synchronization

/// How much a record matters: the priorities of syslog(3) that a daemon has a use for, least first.
package enum LogLevel: UInt8, CaseIterable, Sendable {
    /// For whoever looks for a fault: one record a message, a packet, a step.
    case debug = 7
    /// What a healthy daemon does.
    case info = 6
    /// Healthy, but worth a glance: a connection came or went by rule.
    case notice = 5
    /// Something is wrong that the daemon lives with, or mends by itself.
    case warning = 4
    /// Something does not work until a person acts.
    case error = 3

    /// The word for this level in the configuration and in plain text.
    package var word: String {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .notice: "notice"
        case .warning: "warning"
        case .error: "error"
        }
    }

    /// The level that `word` names, nil when it names none.
    package init?(word: String) {
        guard let level = LogLevel.allCases.first(where: { $0.word == word }) else { return nil }
        self = level
    }

    /// The value of the journal's PRIORITY field (systemd.journal-fields(7)).
    package var priority: UInt8 { rawValue }
}

extension LogLevel: Comparable {
    package static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.priority > right.priority
    }
}

extension LogLevel: AtomicRepresentable {}
