import MPushCipher
package import MPushModel
import MPushTLS

/// The fuzzer's input for trust: a chain comes in, with whom to trust and what was revoked; a verdict and a text go out.
///
/// One byte of options, then items, each of one byte for its kind, a length of two bytes and DER: a certificate that the server
/// shows (the first is its own), an authority to trust, a revocation list.
package enum CertificateChainInput {
    /// How far an input came.
    package struct Summary: Equatable, Sendable {
        package var isJudged = false
        package var failure: TLSFailure?
    }

    package enum Kind: UInt8 {
        case shown
        case authority
        case revocationList
    }

    private static let names = ["push.example.com", "192.0.2.7", "2001:db8::7", "localhost"]
    private static let longestText = 4000

    /// Judges the chain of `input`, and looks at what is said about it.
    ///
    /// - Throws: What came of it that must never come of anything.
    @discardableResult
    package static func run(_ input: [UInt8]) throws(InvariantViolation) -> Summary {
        var reader = ScriptReader(input)
        let options = reader.byte() ?? 0
        var items: [Kind: [[UInt8]]] = [:]
        while let byte = reader.byte() {
            items[Kind(rawValue: byte % 3) ?? .shown, default: []].append(reader.counted())
        }
        let authorities = items[.authority] ?? []
        var settings = TLSClientSettings()
        settings.authorities = .pem(authorities.flatMap { pem("CERTIFICATE", $0) })
        settings.revocationListsPEM = items[.revocationList].map { $0.flatMap { pem("X509 CRL", $0) } }
        let made = Result { () throws(TLSConfigurationError) in
            let name = try TLSPeerName(names[Int(options) % names.count])
            return try TLSEngine(client: TLSContext(client: settings), peer: name)
        }
        guard case .success(let engine) = made else {
            if case .failure(let error) = made { try check(error.description) }
            return Summary()
        }
        guard let judgement = engine.judgement(of: items[.shown] ?? []) else { return Summary() }
        for certificate in judgement.certificates {
            try check(certificate.subject)
            try check(certificate.issuer)
        }
        if let failure = judgement.failure { try check("\(failure)") }
        if judgement.failure == nil { try checkRefusals(of: items[.shown] ?? [], settings) }
        return Summary(isJudged: true, failure: judgement.failure)
    }

    /// What is good is good for one host, and by the word of those who are trusted.
    private static func checkRefusals(
        of chain: [[UInt8]], _ settings: TLSClientSettings
    ) throws(InvariantViolation) {
        var others = settings
        others.authorities = .pem(Array(PEMFileText.authority.utf8))
        let trials = [(settings, "fuzz.invalid"), (others, names[0]), (others, names[1])]
        for (settings, name) in trials {
            let judgement = try? TLSEngine(client: TLSContext(client: settings), peer: TLSPeerName(name))
                .judgement(of: chain)
            try require(judgement?.failure != nil, "good for \(name) as well, or by another authority")
        }
    }

    /// One item of an input.
    package static func item(_ kind: Kind, _ encoded: [UInt8]) -> [UInt8] {
        [kind.rawValue, UInt8(encoded.count >> 8 & 0xFF), UInt8(encoded.count & 0xFF)] + encoded
    }

    private static func pem(_ label: String, _ encoded: [UInt8]) -> [UInt8] {
        var text = "-----BEGIN \(label)-----\n"
        var base64 = Base64.encode(encoded)[...]
        while !base64.isEmpty {
            text += base64.prefix(64) + "\n"
            base64 = base64.dropFirst(64)
        }
        return Array((text + "-----END \(label)-----\n").utf8)
    }

    /// It ends up in journals and on terminals.
    static func check(_ text: String) throws(InvariantViolation) {
        try require(text.utf8.count <= longestText, "a text of \(text.utf8.count) bytes")
        try require(text.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "a text with other characters: \(text)")
    }
}
