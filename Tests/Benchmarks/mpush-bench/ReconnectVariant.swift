import MPushSimulator

/// What a daemon that lost its connection may go on with.
enum ReconnectVariant: CaseIterable {
    case allResumed
    case sessionResumed
    case nothingResumed

    var name: String {
        switch self {
        case .allResumed: "TLS resumed, FAST_CONNECT"
        case .sessionResumed: "full TLS handshake, FAST_CONNECT"
        case .nothingResumed: "full TLS handshake, HANDSHAKE (after an expired FAST_CONNECT)"
        }
    }

    var resumesTLS: Bool { self == .allResumed }

    var resumesSession: Bool { self != .nothingResumed }

    /// Whether `event` says that the connection went another way than this one.
    func isContradicted(by event: SimulatorEvent) -> Bool {
        switch event.kind {
        case .secured(_, let isResumed): isResumed != resumesTLS
        case .handshaken: resumesSession
        case .resumed: !resumesSession
        default: false
        }
    }
}
