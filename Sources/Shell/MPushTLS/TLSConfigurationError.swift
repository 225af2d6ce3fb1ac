package import MPushModel

/// A setting that no TLS context or connection can be made of: which one, what is wrong with it, and OpenSSL's words
/// where they help. The caller adds the file, the line and the key.
package struct TLSConfigurationError: Error, Equatable, Sendable {
    /// The setting that is bad.
    package enum Setting: String, Sendable {
        case authorities = "the file of authorities"
        case revocationLists = "the revocation list"
        case certificate = "the certificate"
        case key = "the private key"
        case versions = "the range of TLS versions"
        case clientAuthorities = "the file of client authorities"
        case serverName = "the server's name"
        case library = "OpenSSL"
    }

    /// What is wrong with it.
    package enum Problem: String, Sendable {
        /// There is no `-----BEGIN` in it.
        case notPEM = "is not PEM text"
        /// It is PEM text, but contains nothing of the kind that is needed.
        case nothingOfItsKind = "contains nothing of the kind that is needed"
        /// It is damaged, or of a kind that OpenSSL does not know.
        case unreadable = "cannot be read"
        /// The key is encrypted, and nobody is there to type a passphrase.
        case encrypted = "is encrypted with a passphrase; give it unencrypted, in a file that only mpushd may read"
        /// A certificate with marks of trust and mistrust of its own, which would be left out with them.
        case trustSettings = """
            holds a TRUSTED CERTIFICATE, whose marks of trust and mistrust are not read here; make it a plain one with \
            "openssl x509 -in FILE -out PLAIN", or leave it out
            """
        /// The key is not that of the certificate.
        case keyMismatch = "does not belong to the certificate"
        /// OpenSSL's security policy refuses it (too short a key, a hash that is broken ...).
        case refused = "is refused by OpenSSL"
        /// It is not written as it has to be.
        case malformed = "is malformed"
    }

    package let setting: Setting
    package let problem: Problem
    /// What else is known, for people; may be empty.
    package let detail: String

    init(_ setting: Setting, _ problem: Problem, detail: String = "") {
        self.setting = setting
        self.problem = problem
        self.detail = detail
    }
}

extension TLSConfigurationError: CustomStringConvertible {
    /// One line without the setting's name in front of a file's: "the private key does not belong to the certificate".
    package var description: String {
        let sentence = "\(setting.rawValue) \(problem.rawValue)"
        return detail.isEmpty ? sentence : "\(sentence): \(detail)"
    }
}

/// What can be used, but will not lead far: a setting whose certificates or lists have ended. The caller adds the file, the
/// line and the key.
package struct TLSSettingWarning: Equatable, Sendable {
    package let setting: TLSConfigurationError.Setting
    /// A sentence without the setting's name in front.
    package let text: String
}

extension TLSContext {
    /// What is wrong with the dates of what a client trusts and shows, at the wall time `now`.
    package func warnings(at now: WallTime) -> [TLSSettingWarning] {
        (authoritiesWarning(at: now).map { [$0] } ?? []) + listWarnings(at: now) + identityWarnings(at: now)
    }

    /// One of several that has ended does no harm; when none is left, nothing connects.
    private func authoritiesWarning(at now: WallTime) -> TLSSettingWarning? {
        let authorities = trust?.authorities ?? []
        guard let first = authorities.first, authorities.allSatisfy({ !$0.isInDate(at: now) }) else { return nil }
        let name =
            authorities.count == 1
            ? "the only authority, \(first.subject)," : "each authority, such as \(first.subject),"
        return TLSSettingWarning(
            setting: .authorities,
            text: "\(name) \(first.dateProblem(at: now) ?? "is not in date"): no server that it vouches for is accepted"
        )
    }

    private func listWarnings(at now: WallTime) -> [TLSSettingWarning] {
        let lists = trust?.revocationLists ?? []
        let complete = Dictionary(grouping: lists.filter { !$0.isDelta }, by: \.scope)
        let useless = Set(lists.filter { $0.isDelta && complete[$0.scope] == nil }.map(\.issuer)).map {
            "of \($0) it has only a delta list, which has no effect without the complete list"
        }
        let ended = complete.values.compactMap { lists -> String? in
            guard let list = lists.max(by: { ($0.nextUpdate ?? now) < ($1.nextUpdate ?? now) }),
                let problem = list.dateProblem(at: now)
            else { return nil }
            return
                "the list of \(list.issuer) \(problem): no server whose certificate that authority issued is accepted"
        }
        return (useless + ended).sorted().map { TLSSettingWarning(setting: .revocationLists, text: $0) }
    }

    private func identityWarnings(at now: WallTime) -> [TLSSettingWarning] {
        identityChain.compactMap { certificate in
            certificate.dateProblem(at: now).map {
                TLSSettingWarning(
                    setting: .certificate,
                    text: "\(certificate.subject) \($0): a server that asks for it will refuse it")
            }
        }
    }
}

extension RevocationList {
    fileprivate func dateProblem(at now: WallTime) -> String? {
        if let end = nextUpdate, end <= now, let text = nextUpdateText { return "ended \(text)" }
        guard let start, start.wallTime > now else { return nil }
        return "starts \(start.text), or this machine's clock is behind"
    }
}

extension Certificate {
    fileprivate func isInDate(at now: WallTime) -> Bool { dateProblem(at: now) == nil }

    fileprivate func dateProblem(at now: WallTime) -> String? {
        if let end = notAfter, end.wallTime <= now { return "ended \(end.text)" }
        if let start = notBefore, start.wallTime > now {
            return "starts \(start.text), or this machine's clock is behind"
        }
        return nil
    }
}
