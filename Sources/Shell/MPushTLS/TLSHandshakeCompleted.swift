/// The user event that `TLSHandler` fires before the first decrypted byte: from here on the peer is who it should be.
package struct TLSHandshakeCompleted: Equatable, Sendable {
    /// What was agreed.
    package let info: TLSConnectionInfo
}
