/// How much a record of the journal matters: the priorities of syslog(3) that a daemon has a use for, least first.
package enum LogLevel: String, CaseIterable, Sendable {
    /// For whoever looks for a fault: one record a message, a packet, a step.
    case debug
    /// What a healthy daemon does.
    case info
    /// Healthy, but worth a glance: a connection came or went by rule.
    case notice
    /// Something is wrong that the daemon lives with, or mends by itself.
    case warning
    /// Something does not work until a person acts.
    case error

    /// The value of the journal's PRIORITY field (systemd.journal-fields(7)).
    package var priority: UInt8 {
        switch self {
        case .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        }
    }
}

extension LogLevel: Comparable {
    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.priority > right.priority }
}
