/// Why this machine's wall clock is not believed where a certificate's dates depend on it.
package enum ClockDoubt: Equatable, Sendable {
    /// It shows a time before this version of the program was made.
    case beforeBuild
    /// It shows a time before the newest message on record came.
    case beforeRecord(WallTime)
    /// The kernel does not take it for synchronised (STA_UNSYNC of adjtimex(2)), or nobody says whether it is.
    case unsynchronised

    /// The doubt in words, to stand after "it shows ...,".
    package var sentence: String {
        switch self {
        case .beforeBuild: "which is before mpushd \(ProgramVersion.current) was made (\(ProgramVersion.day))"
        case .beforeRecord(let newest): "which is before the newest message in the inbox came (\(newest.rfc3339))"
        case .unsynchronised: "and nothing has synchronised it"
        }
    }
}

/// What can be known of the wall clock at a moment, without asking anybody outside.
package struct ClockEvidence: Equatable, Sendable {
    /// A clock that is being steered may run back by so much.
    private static let tolerance = Duration.seconds(60)

    package var wall: WallTime
    /// When the newest message that an earlier boot left came; nil for none.
    package var newestOnRecord: WallTime?
    package var isSynchronised: Bool

    package init(wall: WallTime, newestOnRecord: WallTime?, isSynchronised: Bool) {
        self.wall = wall
        self.newestOnRecord = newestOnRecord
        self.isSynchronised = isSynchronised
    }

    /// Why the clock may be to blame for `failure`; nil where it is not. A clock that is behind makes certificates seem too
    /// new, and never too old: what has ended by it has ended all the more.
    package func doubt(about failure: TLSFailure) -> ClockDoubt? {
        switch failure {
        case .notYetValid: doubt
        case .expired: isSynchronised || behind != nil ? nil : .unsynchronised
        case .wrongHost, .unknownAuthority, .revoked, .noPinMatched, .badCertificate, .protocolVersion,
            .clientCertificateRefused, .peerClosed, .timedOut, .other:
            nil
        }
    }

    /// Why the clock may be wrong, whatever it is asked for; nil where nothing speaks against it.
    package var doubt: ClockDoubt? { behind ?? (isSynchronised ? nil : .unsynchronised) }

    private var behind: ClockDoubt? {
        if wall < ProgramVersion.built { return .beforeBuild }
        guard let newestOnRecord, wall.advanced(by: ClockEvidence.tolerance) < newestOnRecord else { return nil }
        return .beforeRecord(newestOnRecord)
    }
}

extension LossCause {
    /// How TLS failed, be it with the server or with a proxy before it.
    package var certificateFailure: TLSFailure? {
        switch self {
        case .tls(let failure), .proxy(_, .insecure(let failure)): failure
        case .allocator, .resolve, .connect, .proxy, .clock, .handshake, .bind, .missedReads, .networkChanged, .kicked,
            .closedByPeer,
            .reset, .protocolError, .preferredEndpoint, .operatorRequest, .reconfigured, .paused, .localStop,
            .shortage, .ownFault:
            nil
        }
    }

    /// The same, or `clock` where a certificate was refused for its dates by a clock that is not believed.
    package func judged(by evidence: @autoclosure () -> ClockEvidence) -> LossCause {
        guard let failure = certificateFailure else { return self }
        let evidence = evidence()
        return evidence.doubt(about: failure).map { .clock(failure, $0, at: evidence.wall) } ?? self
    }
}
