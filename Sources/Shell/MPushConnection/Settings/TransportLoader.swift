import MPushConfiguration
import MPushModel
import MPushPlatform
import MPushTLS

/// Makes TLS contexts of `[tls]`, and puts whatever is wrong with a file to the line that names it.
struct TransportLoader {
    let configuration: Configuration
    let files: ReferencedFiles
    let problems: ProblemCollector
    let now: WallTime

    /// Nil where something is wrong, which is among the problems then.
    func load() -> TransportSettings? {
        let before = problems.errors.count
        let settings = clientSettings()
        guard problems.errors.count == before else { return nil }
        let isPlaintext = configuration.server.transport == .plaintext
        var allocatorSettings = settings
        allocatorSettings.pins = []
        let needsAllocator = configuration.server.allocator?.scheme == .https
        // The system's authorities are many, and nobody is judged by them here. Files of the configuration's own are read
        // for what is wrong with them.
        let hasFiles = configuration.tls.authorities != nil || configuration.tls.revocations != nil
        let trust = isPlaintext && !needsAllocator && !hasFiles ? nil : trustStore(settings)
        guard problems.errors.count == before else { return nil }
        let server = isPlaintext ? nil : trust.flatMap { context(settings, $0) }
        // What is wrong with both is said once.
        guard problems.errors.count == before else { return nil }
        let allocator = needsAllocator ? trust.flatMap { context(allocatorSettings, $0) } : nil
        guard problems.errors.count == before else { return nil }
        if let context = server ?? allocator { warn(of: context) }
        return TransportSettings(
            server: server, allocator: allocator,
            trust: TransportSettings.Trust(
                serverDigest: isPlaintext ? nil : TLSTrustDigest(ofServer: settings),
                serverName: configuration.tls.serverName))
    }

    /// The settings as far as they can be read.
    private func clientSettings() -> TLSClientSettings {
        let tls = configuration.tls
        var settings = TLSClientSettings(policyOf: tls)
        if let content = content(of: tls.authorities, atMost: FileLimit.trust) { settings.authorities = .pem(content) }
        settings.revocationListsPEM = content(of: tls.revocations, atMost: FileLimit.trust)
        if let client = tls.client { settings.identity = identity(client) }
        settings.pins = tls.pins
        return settings
    }

    private func content(of file: FileReference?, atMost limit: Int) -> [UInt8]? {
        file.flatMap { file in
            problems.collect { () throws(ConfigurationProblem) in
                try files.content(of: file, atMost: limit)
            }
        }
    }

    /// The certificate with its key, which goes from its file to OpenSSL in memory that is wiped.
    private func identity(_ client: ClientCertificate) -> TLSIdentity? {
        let chain = problems.collect { () throws(ConfigurationProblem) in
            try files.secretContent(of: client.certificate, atMost: FileLimit.chain)
        }
        let key = problems.collect { () throws(ConfigurationProblem) in
            try files.secretContent(of: client.key, atMost: FileLimit.key)
        }
        guard let chain, let key else { return nil }
        return TLSIdentity(certificateChainPEM: PublicPEM.text(of: chain), keyPEM: key)
    }

    private func trustStore(_ settings: TLSClientSettings) -> TLSTrustStore? {
        problems.collect { () throws(ConfigurationProblem) in
            do throws(TLSConfigurationError) {
                return try TLSTrustStore(settings.authorities, revocationListsPEM: settings.revocationListsPEM)
            } catch {
                throw problem(error)
            }
        }
    }

    private func context(_ settings: TLSClientSettings, _ trust: TLSTrustStore) -> TLSContext? {
        problems.collect { () throws(ConfigurationProblem) in
            do throws(TLSConfigurationError) {
                return try TLSContext(client: settings, trust: trust)
            } catch {
                throw problem(error)
            }
        }
    }

    private func warn(of context: TLSContext) {
        for warning in context.warnings(at: now) {
            guard let file = file(of: warning.setting) else { continue }
            problems.warnings.append(file.warning("\(warning.text)."))
        }
    }

    /// The line that names what OpenSSL does not like.
    private func problem(_ error: TLSConfigurationError) -> ConfigurationProblem {
        let table = SourceLocation(file: configuration.server.publicKey.location.file, key: "tls")
        return file(of: error.setting)?.problem("\(error).") ?? ConfigurationProblem(.error, at: table, "\(error).")
    }

    private func file(of setting: TLSConfigurationError.Setting) -> FileReference? {
        let tls = configuration.tls
        switch setting {
        case .authorities: return tls.authorities
        case .revocationLists: return tls.revocations
        case .certificate: return tls.client?.certificate
        case .key: return tls.client?.key
        case .versions, .clientAuthorities, .serverName, .library: return nil
        }
    }
}

extension TLSClientSettings {
    /// What `[tls]` demands of every server that is spoken to over TLS: push server, allocator and webhooks alike.
    init(policyOf tls: TLSSettings) {
        self.init()
        minimumVersion =
            switch tls.minimumVersion {
            case .v1_2: .tls12
            case .v1_3: .tls13
            }
        requiresForwardSecrecy = tls.requiresForwardSecrecy
        resumesSessions = tls.resumesSessions
    }
}
