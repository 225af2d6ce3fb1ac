import COpenSSL

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
