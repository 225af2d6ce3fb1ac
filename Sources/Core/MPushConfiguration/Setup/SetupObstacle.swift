import MPushModel

/// What a culprit means to somebody who is writing a first configuration: which answer another one would help with.
enum SetupObstacle {
    /// The chain is good for none of the authorities.
    case authority
    /// The certificate is for another host, or what is there is no server of ours: another endpoint.
    case endpoint
    case publicKey
    /// The server speaks MPush, and no TLS.
    case withoutTLS
    /// The server speaks TLS, and the answers say that it does not.
    case withTLS
    /// The certificate is refused for what no answer mends.
    case certificate
    /// The user, who is bound later, or the network, which may be another tomorrow.
    case circumstance
    /// The draft itself.
    case draft

    init(_ culprit: Culprit) {
        self =
            switch culprit {
            case .unknownAuthority, .interception: .authority
            case .certificateName, .httpPort, .gatewayPort, .notMPush: .endpoint
            case .serverKey: .publicKey
            case .portWithoutTLS: .withoutTLS
            case .tlsPort: .withTLS
            case .certificateExpired, .certificateNotYetValid, .certificateRefused, .clientCertificate, .clock:
                .certificate
            case .configuration: .draft
            case .captivePortal, .pathMTU, .brokenIPv6, .nameUnknown, .nameServerFails, .nameServerSilent,
                .nameHijacked, .noRoute, .portRefused, .portFiltered, .prohibited, .slowLink, .natForgets, .deadFront,
                .silentServer, .proxyAway, .proxyLogin, .proxyRefuses, .proxyCutsIdle, .userRefused, .deviceRefused,
                .signedInElsewhere, .allocatorAway, .allocatorAnswer, .shortage, .ownFault:
                .circumstance
            }
    }
}
