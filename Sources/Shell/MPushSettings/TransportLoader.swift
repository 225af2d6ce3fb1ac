import MPushConfiguration
import MPushSecret
import MPushTLS

/// Makes TLS contexts of `[tls]`, and puts whatever is wrong with a file to the line that names it.
struct TransportLoader {
    let configuration: Configuration
    let problems: ProblemCollector

    /// Nil where something is wrong, which is among the problems then.
    func load() -> TransportSettings? {
        let before = problems.errors.count
        let settings = clientSettings()
        guard problems.errors.count == before else { return nil }
        let isPlaintext = configuration.server.transport == .plaintext
        let trust = TransportSettings.Trust(
            isPlaintext: isPlaintext, authorities: settings.authorities, revocations: settings.revocationListsPEM,
            pins: settings.pins, minimumVersion: settings.minimumVersion, serverName: configuration.tls.serverName)
        var allocatorSettings = settings
        allocatorSettings.pins = []
        let needsAllocator = configuration.server.allocator?.scheme == .https
        let server = isPlaintext ? nil : context(settings)
        // What is wrong with both is said once.
        guard problems.errors.count == before else { return nil }
        let allocator = needsAllocator ? context(allocatorSettings) : nil
        guard problems.errors.count == before else { return nil }
        return TransportSettings(server: server, allocator: allocator, trust: trust)
    }

    /// The settings as far as they can be read.
    private func clientSettings() -> TLSClientSettings {
        let tls = configuration.tls
        var settings = TLSClientSettings()
        if let content = content(of: tls.authorities) { settings.authorities = .pem(content) }
        settings.revocationListsPEM = content(of: tls.revocations)
        if let chain = content(of: tls.client?.certificate), let key = content(of: tls.client?.key) {
            settings.identity = TLSIdentity(certificateChainPEM: chain, keyPEM: SecretBytes(key))
        }
        settings.pins = tls.pins.compactMap { pin in
            problems.collect { () throws(ConfigurationProblem) in
                do throws(TLSConfigurationError) { return try TLSPin(pin.description) } catch { throw problem(error) }
            }
        }
        settings.minimumVersion = tls.minimumVersion == .v1_3 ? .tls13 : .tls12
        settings.resumesSessions = tls.resumesSessions
        return settings
    }

    private func content(of file: FileReference?) -> [UInt8]? {
        file.flatMap { file in
            problems.collect { () throws(ConfigurationProblem) in try SettingsLoader.content(of: file) }
        }
    }

    private func context(_ settings: TLSClientSettings) -> TLSContext? {
        problems.collect { () throws(ConfigurationProblem) in
            do throws(TLSConfigurationError) { return try TLSContext(client: settings) } catch { throw problem(error) }
        }
    }

    /// The line that names what OpenSSL does not like.
    private func problem(_ error: TLSConfigurationError) -> ConfigurationProblem {
        let tls = configuration.tls
        let file: FileReference? =
            switch error.setting {
            case .authorities: tls.authorities
            case .revocationLists: tls.revocations
            case .certificate: tls.client?.certificate
            case .key: tls.client?.key
            case .pin, .versions, .clientAuthorities, .serverName, .library: nil
            }
        let table = SourceLocation(file: configuration.server.publicKey.location.file, key: "tls")
        return file?.problem("\(error).") ?? ConfigurationProblem(.error, at: table, "\(error).")
    }
}
