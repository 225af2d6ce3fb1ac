import MPushCause
import MPushTLS

extension ServerConnection {
    /// Why a connection failed, for people.
    static func words(of error: any Error) -> String {
        guard let error = error as? TLSError else { return "\(error)" }
        return "TLS: " + words(of: error.failure)
    }

    private static func words(of failure: TLSFailure) -> String {
        switch failure {
        case .timedOut(let timeout): "no handshake within \(timeout)"
        case .expired(let detail), .notYetValid(let detail), .wrongHost(let detail), .unknownAuthority(let detail),
            .revoked(let detail), .noPinMatched(let detail), .badCertificate(let detail),
            .protocolVersion(let detail), .clientCertificateRefused(let detail), .peerClosed(let detail),
            .other(let detail):
            detail.isEmpty ? failure.code : "\(failure.code): \(detail)"
        }
    }
}
