extension LogEvent {
    /// How much an event of this kind matters, where the one who reports it does not know better.
    package var level: LogLevel {
        switch self {
        case .messageReceived: .debug
        case .started, .stopping, .routeRecovered, .programOutput, .readRecovered, .resumeRefused: .info
        case .online, .configurationReloaded, .readMissed, .unknownCommand, .inboxRecovered: .notice
        case .connectionLost, .attemptFailed, .waiting, .allocatorFailed, .kicked, .absurdHeartbeat, .protocolError,
            .ticketNotStored, .inboxFull, .messagesDropped, .routeFailing, .defaultServerKey,
            .weakServerKey, .plaintext:
            .warning
        case .configurationRejected, .watchdogSilent, .tlsRefused, .bindRejected, .messageNotTaken, .inboxDamaged,
            .inboxFailing, .deadLetter:
            .error
        }
    }
}
