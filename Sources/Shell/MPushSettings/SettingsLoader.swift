import Glibc
import MPushCipher
package import MPushConfiguration
import MPushPlatform
import MPushSecret
import MPushSession
import MPushSystemd
import MPushTLS

/// Reads a configuration file and everything that it names, and reports all that is wrong with it at once.
package enum SettingsLoader {
    /// Bytes that a configuration can have at most; also what is read of any file that it names.
    private static let longestFile = 1 << 20

    /// The settings in the file at `path`. Throws every error there is, each with its line.
    package static func load(
        _ path: String, version: String, environment: any ConfigurationEnvironment = MachineEnvironment()
    ) throws(ConfigurationErrors) -> LoadedSettings {
        if let error = ConfigurationErrors(file: path, condition: environment.inspect(path)) { throw error }
        let text: [UInt8]
        do throws(OSError) {
            text = try FileSystem.read(path, maximum: longestFile)
        } catch {
            throw ConfigurationErrors(ConfigurationProblem(.error, at: SourceLocation(file: path), words(for: error)))
        }
        let checked = try Configuration.parse(text, named: path, in: environment)
        return try load(checked, version: version)
    }

    private static func load(
        _ checked: CheckedConfiguration, version: String
    ) throws(ConfigurationErrors) -> LoadedSettings {
        let configuration = checked.configuration
        let problems = ProblemCollector(warnings: checked.warnings)
        let serverKey = problems.collect { () throws(ConfigurationProblem) in
            try readServerKey(configuration.server.publicKey)
        }
        let transport = TransportLoader(configuration: configuration, problems: problems).load()
        let identities = configuration.identities.map { settings in
            problems.collect { () throws(ConfigurationProblem) in
                try profile(of: settings, in: configuration, version: version)
            }
        }
        var routeLoader = RouteLoader(configuration: configuration, problems: problems)
        let routes = routeLoader.load()
        guard let serverKey, let transport, problems.errors.isEmpty else { throw problems.asErrors() }
        if serverKey.isPublishedDefault { problems.warnings.append(defaultKeyWarning(configuration)) }
        return LoadedSettings(
            configuration: configuration, warnings: problems.warnings, serverKey: serverKey, transport: transport,
            identities: identities.compactMap(\.self), routes: routes)
    }

    /// The whole content of a file that the configuration names.
    static func content(of reference: FileReference) throws(ConfigurationProblem) -> [UInt8] {
        do throws(OSError) {
            return try FileSystem.read(reference.path, maximum: longestFile)
        } catch {
            throw reference.problem(words(for: error))
        }
    }

    private static func words(for error: OSError) -> String {
        error.number == EFBIG ? "is longer than 1 MiB." : "cannot be read: \(OSError.words(for: error.number))."
    }

    private static func readServerKey(_ key: ServerPublicKey) throws(ConfigurationProblem) -> RSAPublicKey {
        do {
            switch key {
            case .file(let reference):
                return try RSAPublicKey(content(of: reference))
            case .inline(let key):
                return try RSAPublicKey(key.base64)
            }
        } catch let problem as ConfigurationProblem {
            throw problem
        } catch {
            if case .file(let reference) = key { throw reference.problem("\(error).") }
            throw ConfigurationProblem(.error, at: key.location, "\(error).")
        }
    }

    private static func defaultKeyWarning(_ configuration: Configuration) -> ConfigurationProblem {
        let protection =
            configuration.server.transport == .tls
            ? "TLS still protects this connection, but nothing else does."
            : "With transport = \"plaintext\" nothing protects this connection."
        return ConfigurationProblem(
            .warning, at: configuration.server.publicKey.location,
            "is MPush's published default, whose private half anyone can read. \(protection) "
                + "Have the server's operator make a key pair of his own.")
    }

    private static func profile(
        of settings: IdentitySettings, in configuration: Configuration, version: String
    ) throws(ConfigurationProblem) -> IdentityProfile {
        let identity = SessionIdentity(
            userID: settings.user, tags: settings.tags,
            credential: try settings.credential.map(secret) ?? SecretBytes([]))
        let session = SessionSettings(
            deviceID: try deviceID(of: settings, isOnly: configuration.identities.count == 1),
            configuration: configuration, version: version)
        return IdentityProfile(name: settings.name, identity: identity, session: session)
    }

    /// What a secret is, read from its file where it has one.
    static func secret(_ credential: Credential) throws(ConfigurationProblem) -> SecretBytes {
        switch credential {
        case .inline(let secret): return secret
        case .file(let reference):
            var content = try content(of: reference)
            while let last = content.last, last == 0x0A || last == 0x0D { content.removeLast() }
            guard !content.isEmpty, content.count <= 4096 else {
                throw reference.problem("a secret has 1 to 4096 bytes, this one has \(content.count).")
            }
            return SecretBytes(content)
        }
    }

    private static func deviceID(of settings: IdentitySettings, isOnly: Bool) throws(ConfigurationProblem) -> String {
        if let given = settings.deviceID { return given }
        do {
            return isOnly ? try MachineDeviceID.derive() : try MachineDeviceID.derive(identity: settings.name)
        } catch {
            throw ConfigurationProblem(
                .error, at: settings.location, "no device_id is set, and none can be derived: \(error). Set device_id.")
        }
    }
}

extension SessionSettings {
    fileprivate init(deviceID: String, configuration: Configuration, version: String) {
        let (client, heartbeat) = (configuration.client, configuration.heartbeat)
        let timeouts = configuration.timeouts
        self.init(
            deviceID: deviceID, osName: client.osName, osVersion: client.osVersion ?? KernelRelease.current(),
            clientVersion: client.clientVersion ?? version, minimumHeartbeat: heartbeat.minimum,
            maximumHeartbeat: heartbeat.maximum,
            health: HealthSettings(
                pingEvery: heartbeat.pingEvery,
                confirmation: heartbeat.confirms ? heartbeat.confirmationTimeout : nil),
            handshakeTimeout: timeouts.handshake, bindTimeout: timeouts.bind, requestTimeout: timeouts.request,
            requestRetries: timeouts.requestRetries, maximumSend: configuration.limits.maximumSend)
    }
}
