import Glibc
import MPushCause
import MPushTLS
import NIOCore

extension CloseReason {
    /// The reason that an error in a connection's pipeline is.
    init(_ error: any Error) {
        switch error {
        case let error as TLSError: self = .failure("TLS: " + Self.words(of: error.failure))
        case let error as IOError where error.errnoCode == ECONNRESET: self = .resetByClient
        default: self = .failure(SystemWords.describe(error))
        }
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
