package import MPushTLS

/// What lies between a simulator's sockets and its frames.
package enum SimulatorTransport: Sendable {
    case plaintext
    case tls(TLSServerSettings)
}
