import MPushModel
import MPushSimulator
import MPushTLS

/// A root authority, and contexts made with it: what most tests need.
struct TestAuthorities {
    let root: ThrowawayAuthority

    init() throws {
        root = try ThrowawayAuthority(name: "Example CA")
    }

    /// A server that shows a good certificate for `names`, unless `change` says otherwise.
    func server(
        names: [String] = ["push.example.com"],
        validity: ThrowawayAuthority.Validity = ThrowawayAuthority.defaultValidity,
        _ change: (inout TLSServerSettings) throws -> Void = { _ in }
    ) throws -> TLSContext {
        try server(certificate: root.issue(names: names, validity: validity), change)
    }

    func server(
        certificate: ThrowawayCertificate, _ change: (inout TLSServerSettings) throws -> Void = { _ in }
    ) throws -> TLSContext {
        var settings = TLSServerSettings(identity: certificate.identity)
        try change(&settings)
        return try TLSContext(server: settings)
    }

    /// A client that trusts the root, unless `change` says otherwise.
    func client(_ change: (inout TLSClientSettings) throws -> Void = { _ in }) throws -> TLSContext {
        var settings = TLSClientSettings()
        settings.authorities = .pem(root.certificatePEM)
        try change(&settings)
        return try TLSContext(client: settings)
    }

    /// The first instant of `year` (1970 to 2099, in which every fourth year has a leap day).
    static func year(_ year: Int64) -> WallTime {
        let days = (year - 1970) * 365 + (year - 1969) / 4
        return WallTime(millisecondsSince1970: days * 86_400_000)
    }
}
