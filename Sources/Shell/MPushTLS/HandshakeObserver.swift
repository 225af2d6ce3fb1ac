import COpenSSL
import MPushModel

/// What OpenSSL's callbacks see of one connection, and where they leave what they learned.
///
/// The SSL object points to it without holding it: its engine outlives both.
final class HandshakeObserver {
    /// Whose certificate it must be; nil on a server.
    let peerName: TLSPeerName?
    /// See `TLSContext.pins`.
    let pins: Set<PublicKeyPin>
    /// What the peer's chain is judged by; nil on a server.
    let trust: TLSTrustStore?
    /// Takes each session that may be resumed later.
    let keepSession: ((TLSSession) -> Void)?
    /// Why the peer's certificate was refused, if it was.
    var refusal: TLSFailure?
    /// What the peer showed, where it was refused; its own certificate first.
    var refusedChain: [Certificate] = []
    /// Whether the server asked for a client certificate.
    var wasAskedForCertificate = false

    private static let index = CSSL_get_ex_new_index()

    init(
        peerName: TLSPeerName?, pins: Set<PublicKeyPin>, trust: TLSTrustStore?, keepSession: ((TLSSession) -> Void)?
    ) {
        self.peerName = peerName
        self.pins = pins
        self.trust = trust
        self.keepSession = keepSession
    }

    /// Makes this the observer of `ssl`. It must be detached before it goes.
    func attach(to ssl: OpaquePointer) {
        SSL_set_ex_data(ssl, HandshakeObserver.index, Unmanaged.passUnretained(self).toOpaque())
    }

    /// What the trust in a session that `ssl` makes rests on.
    func foundation(of ssl: OpaquePointer) -> TLSSession.Foundation {
        if SSL_session_reused(ssl) == 1 { return .resumption }
        let chain = TLSEngine.verifiedChain(of: ssl)
        guard !chain.isEmpty else { return .nothing }
        let ends = chain.map { $0.notAfter?.wallTime } + [trust?.listsEnd(for: chain)]
        return .chain(end: ends.compactMap(\.self).min())
    }

    /// The observer of `ssl`, for callbacks.
    static func of(_ ssl: OpaquePointer?) -> HandshakeObserver? {
        guard let ssl, let pointer = SSL_get_ex_data(ssl, index) else { return nil }
        return Unmanaged<HandshakeObserver>.fromOpaque(pointer).takeUnretainedValue()
    }
}
