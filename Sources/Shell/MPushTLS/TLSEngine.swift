import COpenSSL
package import MPushModel
package import NIOCore

/// One TLS connection without a descriptor: ciphertext goes in and out as bytes, plaintext likewise.
///
/// Call `handshake()` first and after each `receive(_:)` until it says `completed`; from then on `read(into:)` after each
/// `receive(_:)`. After every verb, send what `takeOutput()` gives. Once a verb has thrown, what it left as output (an
/// alert for the peer) may still be sent, and nothing else be called. Not Sendable: it belongs to one event loop.
package final class TLSEngine {
    /// How far the handshake is.
    package enum HandshakeProgress: Equatable {
        /// Nothing more can be done until the peer sends.
        case wantsInput
        /// The peer is who it should be.
        case completed(TLSConnectionInfo)
    }

    /// What is to be expected after a read.
    package enum ReadOutcome: Equatable {
        /// All that came in is read.
        case wantsInput
        /// The buffer is full; read again into another one.
        case hasMore
        /// The peer closed: nothing will come any more.
        case closed
    }

    let ssl: OpaquePointer
    let bio: ByteBufferBIO
    let observer: HandshakeObserver
    let context: TLSContext
    /// Whether the handshake is done.
    package internal(set) var isEstablished = false
    /// Whether OpenSSL gave up; it must not be called again then (SSL_get_error(3)).
    var hasFailed = false
    /// Whether a single byte of plaintext came from the peer.
    var hasReadPlaintext = false

    /// A connection to the server `peer`, which offers to resume `session`. `keepSession` is called with each session
    /// that this connection could be resumed with, any time until the engine goes.
    package init(
        client context: TLSContext, peer: TLSPeerName, session: TLSSession? = nil,
        keepSession: ((TLSSession) -> Void)? = nil
    ) throws(TLSConfigurationError) {
        observer = HandshakeObserver(
            peerName: peer, pins: context.pins, trust: context.trust, keepSession: keepSession)
        bio = ByteBufferBIO()
        ssl = try TLSEngine.makeSSL(context, bio)
        self.context = context
        observer.attach(to: ssl)
        SSL_set_connect_state(ssl)
        try demand(peer)
        if let session { SSL_set_session(ssl, session.raw) }
    }

    /// A connection from a client.
    package init(server context: TLSContext) throws(TLSConfigurationError) {
        observer = HandshakeObserver(peerName: nil, pins: [], trust: nil, keepSession: nil)
        bio = ByteBufferBIO()
        ssl = try TLSEngine.makeSSL(context, bio)
        self.context = context
        observer.attach(to: ssl)
        SSL_set_accept_state(ssl)
    }

    /// A connection that ended without a shutdown would take its session with it: OpenSSL takes that for an attack. The
    /// frames inside carry their lengths, so that a truncation is noticed anyway.
    deinit {
        if isEstablished, !hasFailed { SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN) }
        SSL_free(ssl)
    }

    private static func makeSSL(_ context: TLSContext, _ bio: ByteBufferBIO) throws(TLSConfigurationError)
        -> OpaquePointer
    {
        OpenSSLError.clearQueue()
        guard let raw = bio.makeBIO() else { throw TLSConfigurationError(.library, .refused) }
        guard let ssl = SSL_new(context.raw) else {
            BIO_free(raw)
            throw TLSConfigurationError(.library, .refused, detail: OpenSSLError.takeText())
        }
        SSL_set_bio(ssl, raw, raw)
        return ssl
    }

    /// Has OpenSSL check the certificate for `peer`. Addresses are compared with the certificate's addresses, and are
    /// never sent as SNI.
    private func demand(_ peer: TLSPeerName) throws(TLSConfigurationError) {
        let accepted: Bool
        switch peer {
        case .host(let name):
            // RFC 9525 sections 4.1 and 6.3: the alternative names alone, and a wildcard for a whole label only.
            SSL_set_hostflags(
                ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
            accepted = SSL_set1_host(ssl, name) == 1 && CSSL_set_tlsext_host_name(ssl, name) == 1
        case .address(let address):
            accepted = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), address) == 1
        }
        guard accepted else {
            throw TLSConfigurationError(.serverName, .refused, detail: OpenSSLError.takeText())
        }
    }
}

extension TLSEngine {
    /// Has the peer's certificates judged by `now`, in place of the operating system's clock. Before the handshake.
    func setVerificationTime(_ now: WallTime) {
        X509_VERIFY_PARAM_set_time(SSL_get0_param(ssl), time_t(now.millisecondsSince1970 / 1000))
    }

    /// Takes the handshake as far as it goes with what came in. A client's first call makes its hello.
    package func handshake() throws(TLSError) -> HandshakeProgress {
        OpenSSLError.clearQueue()
        let result = SSL_do_handshake(ssl)
        guard result == 1 else {
            switch SSL_get_error(ssl, result) {
            case SSL_ERROR_WANT_READ: return .wantsInput
            case SSL_ERROR_ZERO_RETURN: throw closedInHandshake()
            default: throw fail()
            }
        }
        let certificate = peerCertificate
        try checkAgain(certificate)
        isEstablished = true
        bio.plaintextGiven()
        return .completed(info(certificate))
    }

    private var peerCertificate: Certificate? {
        SSL_get0_peer_certificate(ssl).map { Certificate(retaining: $0) }
    }

    /// A resumed handshake does not come by the verification of certificates. The key of the session vouches for it; this
    /// makes sure of what can be checked on the spot.
    private func checkAgain(_ certificate: Certificate?) throws(TLSError) {
        guard context.role == .client else { return }
        guard let certificate, SSL_get_verify_result(ssl) == Int(X509_V_OK) else {
            hasFailed = true
            throw TLSError(.badCertificate(detail: "the server's certificate was not verified"))
        }
        if let failure = CertificateVerification.pinFailure(of: certificate, pins: context.pins) {
            hasFailed = true
            throw TLSError(failure)
        }
    }

    private func info(_ certificate: Certificate?) -> TLSConnectionInfo {
        let version = TLSVersion.allCases.first { $0.number == SSL_version(ssl) }
        return TLSConnectionInfo(
            version: version?.rawValue ?? String(cString: SSL_get_version(ssl)),
            cipher: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)).map { String(cString: $0) } ?? "",
            isResumed: SSL_session_reused(ssl) == 1,
            peer: certificate?.summary)
    }
}

extension TLSEngine {
    /// How much plaintext one read gives at most: what NIO reads from a socket at once.
    package static let mostPerRead = 65_536

    /// Takes what the peer sent.
    package func receive(_ ciphertext: ByteBuffer) {
        bio.receive(ciphertext)
    }

    /// What is to be sent to the peer; nil if there is nothing.
    package func takeOutput() -> ByteBuffer? {
        bio.takeOutgoing()
    }

    /// Appends the plaintext of all that came in to `plaintext`, `mostPerRead` bytes at most. What was appended before
    /// something is thrown is good and belongs to the caller.
    package func read(into plaintext: inout ByteBuffer) throws(TLSError) -> ReadOutcome {
        while bio.incomingCount > 0 || SSL_has_pending(ssl) == 1 {
            let room = min(roomNeeded, TLSEngine.mostPerRead - plaintext.readableBytes)
            if room <= 0 { return .hasMore }
            let step = readOnce(into: &plaintext, room: room)
            if step.count == 0 { return try outcome(of: step.result) }
        }
        return .wantsInput
    }

    /// Plaintext is never longer than its ciphertext, so that this much is enough for all records that are whole.
    private var roomNeeded: Int {
        max(bio.incomingCount + bio.takenSincePlaintext, Int(SSL_pending(ssl)), 1)
    }

    /// One record, or a part of one.
    private func readOnce(into plaintext: inout ByteBuffer, room: Int) -> (result: Int32, count: Int) {
        OpenSSLError.clearQueue()
        var count = 0
        var result: Int32 = 0
        plaintext.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
            result = SSL_read_ex(ssl, target.baseAddress, min(target.count, room), &count)
            return result == 1 ? count : 0
        }
        guard result == 1 else { return (result, 0) }
        hasReadPlaintext = true
        bio.plaintextGiven()
        return (result, count)
    }

    private func outcome(of result: Int32) throws(TLSError) -> ReadOutcome {
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .wantsInput
        case SSL_ERROR_ZERO_RETURN: return .closed
        default: throw fail()
        }
    }

    /// Encrypts all of `plaintext`. Only after the handshake.
    package func write(_ plaintext: ByteBuffer) throws(TLSError) {
        guard plaintext.readableBytes > 0 else { return }
        OpenSSLError.clearQueue()
        bio.reserveOutgoing(TLSEngine.encryptedSize(of: plaintext.readableBytes))
        let written = plaintext.withUnsafeReadableBytes { source in
            var count = 0
            return SSL_write_ex(ssl, source.baseAddress, source.count, &count) == 1 && count == source.count
        }
        if !written { throw fail() }
    }

    /// An upper bound of what becomes of `count` bytes: each record of 16 KiB grows by its header and seal.
    private static func encryptedSize(of count: Int) -> Int {
        let records = count / Int(SSL3_RT_MAX_PLAIN_LENGTH) + 1
        let (size, overflow) = count.addingReportingOverflow(records * 64)
        return overflow ? count : size
    }

    /// Makes the close_notify that tells the peer that nothing more comes. Nothing may be written after it.
    package func closeNotify() {
        guard isEstablished, !hasFailed else { return }
        OpenSSLError.clearQueue()
        if SSL_shutdown(ssl) < 0 { OpenSSLError.clearQueue() }
    }
}

/// What was agreed in a handshake, for status, logs and metrics.
package struct TLSConnectionInfo: Equatable, Sendable {
    /// `TLS 1.2` or `TLS 1.3`.
    package let version: String
    /// OpenSSL's name of the cipher suite.
    package let cipher: String
    /// Whether an earlier session was taken up again.
    package let isResumed: Bool
    /// The peer's own certificate; nil when it showed none (a client that was not asked).
    package let peer: Peer?

    /// The peer's certificate in short. The texts come from outside: bounded, and nothing but printable ASCII.
    package struct Peer: Equatable, Sendable {
        /// The distinguished name of its holder (RFC 4514).
        package let subject: String
        /// The distinguished name of the authority that issued it.
        package let issuer: String
        /// When it ends; nil if the certificate does not say it readably.
        package let notAfter: WallTime?
        /// The pin of its key.
        package let pin: PublicKeyPin?
    }
}

/// What travels down the pipeline, once, when a TLS connection fails; the channel is closed after it.
package struct TLSError: Error, Equatable, Sendable {
    /// Which of the failures it was.
    package let failure: TLSFailure

    package init(_ failure: TLSFailure) {
        self.failure = failure
    }
}
