import MPushModel
import MPushTLS

/// The fuzzer's input for the files that `[tls]` names: the same bytes as authorities, as revocation lists, and as a client's
/// certificate with its key.
package enum PEMFileText {
    /// What the text was good for.
    package struct Summary: Equatable, Sendable {
        package var isAuthorities = false
        package var isRevocationLists = false
        package var isIdentity = false

        package var isNothing: Bool { !isAuthorities && !isRevocationLists && !isIdentity }
    }

    /// Reads `input` as each kind of file, and looks at what is said about it.
    ///
    /// - Throws: What came of it that must never come of anything.
    @discardableResult
    package static func run(_ input: [UInt8]) throws(InvariantViolation) -> Summary {
        Summary(
            isAuthorities: try isGood { $0.authorities = .pem(input) },
            isRevocationLists: try isGood { $0.revocationListsPEM = input },
            isIdentity: try isGood {
                $0.identity = TLSIdentity(certificateChainPEM: input, keyPEM: SecretBytes(input))
            })
    }

    private static func isGood(_ change: (inout TLSClientSettings) -> Void) throws(InvariantViolation) -> Bool {
        var settings = TLSClientSettings()
        // Not the system's: they would be read from the disk each time.
        settings.authorities = .pem(Array(authority.utf8))
        change(&settings)
        let result = Result { () throws(TLSConfigurationError) in try TLSContext(client: settings) }
        switch result {
        case .success(let context):
            for year in [1970, 2026, 9999] as [Int64] {
                let time = WallTime(millisecondsSince1970: (year - 1970) * 31_556_952_000)
                for warning in context.warnings(at: time) { try check(warning.text) }
            }
            return true
        case .failure(let error):
            try check(error.description)
            return false
        }
    }

    private static func check(_ text: String) throws(InvariantViolation) {
        try CertificateChainInput.check(text)
    }

    /// Some authority.
    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBfDCCASGgAwIBAgIUEWreTvyS/pAl3EivLqL2VsikFiIwCgYIKoZIzj0EAwIw
        EjEQMA4GA1UEAwwHRnV6eiBDQTAgFw0yNjExMjYxMzM4NDFaGA8yMDgxMDgyOTEz
        Mzg0MVowEjEQMA4GA1UEAwwHRnV6eiBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEH
        A0IABMCD1HG8bVOEwnvQ1/EtEXV4bi0AISnDHoprpmXG5D/j05pRfi4ovhERIlbL
        eMQTXNqpe/mkJ8k0ApA55sNTYu+jUzBRMB0GA1UdDgQWBBQHB08zYl/0VsaqwQFI
        zFHCAeAMfjAfBgNVHSMEGDAWgBQHB08zYl/0VsaqwQFIzFHCAeAMfjAPBgNVHRMB
        Af8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQDQgG37OJ614leT3rfaiwmYxjRl
        jBfgSzAIho0AOP+4iAIhAKzkpmQmkUg22evUSVgcp9iCzjUgoHwO+s5gtCYb9MqZ
        -----END CERTIFICATE-----
        """
}
