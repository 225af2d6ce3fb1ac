/// How long the files can be that a configuration names, in bytes: what such files have, and no more than the daemon is
/// to hold at once.
enum FileLimit {
    /// The configuration itself.
    static let configuration = 1 << 20
    /// A credential, or the key that a webhook's requests are signed with. A secret has 4096 at most.
    static let secret = 64 << 10
    /// A key, public or private, also one that stands beside its certificates.
    static let key = 256 << 10
    /// A certificate with its chain.
    static let chain = 1 << 20
    /// Authorities and revoked certificates. A list of 100,000 that are revoked has about 6 MiB.
    static let trust = 32 << 20
}
