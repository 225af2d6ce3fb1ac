import MPushConfiguration
import MPushSecret
import MPushTLS

/// Makes TLS contexts of `[tls]`, and puts whatever is wrong with a file to the line that names it.
struct TransportLoader {
    let configuration: Configuration

    func load() throws(ConfigurationProblem) -> TransportSettings {
        let isPlaintext = configuration.server.transport == .plaintext
        let settings = try clientSettings()
        let trust = TransportSettings.Trust(
            isPlaintext: isPlaintext, authorities: settings.authorities, revocations: settings.revocationListsPEM,
            pins: settings.pins, minimumVersion: settings.minimumVersion, serverName: configuration.tls.serverName)
        var allocatorSettings = settings
        allocatorSettings.pins = []
        let needsAllocator = configuration.server.allocator?.scheme == .https
        return TransportSettings(
            server: isPlaintext ? nil : try context(settings),
            allocator: needsAllocator ? try context(allocatorSettings) : nil, trust: trust)
    }

    private func clientSettings() throws(ConfigurationProblem) -> TLSClientSettings {
        let tls = configuration.tls
        var settings = TLSClientSettings()
        if let file = tls.authorities { settings.authorities = .pem(try SettingsLoader.content(of: file)) }
        if let file = tls.revocations { settings.revocationListsPEM = try SettingsLoader.content(of: file) }
        if let client = tls.client {
            settings.identity = TLSIdentity(
                certificateChainPEM: try SettingsLoader.content(of: client.certificate),
                keyPEM: SecretBytes(try SettingsLoader.content(of: client.key)))
        }
        settings.pins = try tls.pins.map { pin throws(ConfigurationProblem) in
            do {
                return try TLSPin(pin.description)
            } catch {
                throw ConfigurationProblem(.error, at: configuration.server.publicKey.location, "\(error).")
            }
        }
        settings.minimumVersion = tls.minimumVersion == .v1_3 ? .tls13 : .tls12
        settings.resumesSessions = tls.resumesSessions
        return settings
    }

    private func context(_ settings: TLSClientSettings) throws(ConfigurationProblem) -> TLSContext {
        do {
            return try TLSContext(client: settings)
        } catch {
            throw problem(error)
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
        return file?.problem("\(error).")
            ?? ConfigurationProblem(.error, at: configuration.server.publicKey.location, "TLS: \(error).")
    }
}
