import Glibc
package import MPushConfiguration
package import MPushModel
import MPushPlatform
import MPushSession
import MPushSystemd
import MPushTLS

/// Reads a configuration file and everything that it names, and reports all that is wrong with it at once.
package enum SettingsLoader {
    /// The settings in the file at `path`, whose certificates are looked at as of `now`. Throws every error there is, each with its line.
    package static func load(
        _ path: String, version: String, now: WallTime,
        environment: any ConfigurationSource
    ) throws(ConfigurationErrors) -> LoadedSettings {
        let checked = try read(path, environment)
        let isOnly = checked.configuration.identities.count == 1
        let sole = isOnly ? nil : SoleIdentity.name(in: checked.configuration, environment)
        return try load(checked, version: version, now: now, files: ReferencedFiles(environment), sole: sole)
    }

    /// The values in force with the file at `path` and those of the directory beside it, defaults too. Throws what
    /// `load` throws of their text; what they name is not read.
    package static func values(
        _ path: String, environment: any ConfigurationSource
    ) throws(ConfigurationErrors) -> [EffectiveValue] { try read(path, environment).values }

    private static func read(
        _ path: String, _ environment: any ConfigurationSource
    ) throws(ConfigurationErrors) -> CheckedConfiguration {
        let main = try text(path, environment)
        var fragments: [ConfigurationText] = []
        if let directory = ConfigurationText.directory(beside: path) {
            let names = ConfigurationText.fragments(among: try self.names(in: directory, environment))
            guard names.count <= ConfigurationText.mostFragments else {
                let most = ConfigurationText.mostFragments
                throw ConfigurationErrors(
                    ConfigurationProblem(
                        .error, at: SourceLocation(file: directory), "has \(names.count) files. It may have \(most)."))
            }
            for name in names { fragments.append(try text("\(directory)/\(name)", environment)) }
        }
        return try Configuration.parse(main, fragments, in: environment)
    }

    private static func text(
        _ path: String, _ environment: any ConfigurationSource
    ) throws(ConfigurationErrors) -> ConfigurationText {
        if let error = ConfigurationErrors(file: path, condition: environment.inspect(path)) { throw error }
        do throws(UnreadableFile) {
            return ConfigurationText(
                name: path, bytes: try environment.content(of: path, maximum: FileLimit.configuration))
        } catch {
            let reason = ReferencedFiles.reason(for: error, limit: FileLimit.configuration)
            throw ConfigurationErrors(ConfigurationProblem(.error, at: SourceLocation(file: path), reason))
        }
    }

    private static func names(
        in directory: String, _ environment: any ConfigurationSource
    ) throws(ConfigurationErrors) -> [String] {
        do throws(UnreadableFile) {
            return try environment.names(in: directory)
        } catch {
            let reason = ReferencedFiles.reason(for: error, limit: FileLimit.configuration)
            throw ConfigurationErrors(ConfigurationProblem(.error, at: SourceLocation(file: directory), reason))
        }
    }

    private static func load(
        _ checked: CheckedConfiguration, version: String, now: WallTime, files: ReferencedFiles, sole: String?
    ) throws(ConfigurationErrors) -> LoadedSettings {
        let configuration = checked.configuration
        let problems = ProblemCollector(warnings: checked.warnings)
        let server = configuration.server
        let keyLoaders = ([server.publicKey] + server.otherPublicKeys).map { key in
            ServerKeyLoader(setting: key, transport: server.transport, files: files)
        }
        let serverKeys = keyLoaders.map { loader in
            problems.collect { () throws(ConfigurationProblem) in try loader.load() }
        }
        let transport = TransportLoader(configuration: configuration, files: files, problems: problems, now: now).load()
        let identities = configuration.identities.map { settings in
            problems.collect { () throws(ConfigurationProblem) in
                try profile(of: settings, in: configuration, version: version, files: files, sole: sole)
            }
        }
        let proxyLoader = ProxyLoader(configuration: configuration, files: files, problems: problems)
        let proxies = proxyLoader.load()
        var routeLoader = RouteLoader(
            configuration: configuration, files: files, problems: problems, now: now,
            proxy: { proxyLoader.proxy(of: $0, among: proxies) })
        let routes = routeLoader.load()
        let keys = serverKeys.compactMap(\.self)
        guard let serverKey = keys.first, let transport, problems.errors.isEmpty else { throw problems.asErrors() }
        problems.warnings += zip(keyLoaders, keys).compactMap { $0.warning(about: $1) }
        return LoadedSettings(
            configuration: configuration, warnings: problems.warnings, serverKey: serverKey,
            otherServerKeys: Array(keys.dropFirst()), transport: transport,
            proxies: proxies, identities: identities.compactMap(\.self), routes: routes)
    }

    private static func profile(
        of settings: IdentitySettings, in configuration: Configuration, version: String, files: ReferencedFiles,
        sole: String?
    ) throws(ConfigurationProblem) -> IdentityProfile {
        let identity = SessionIdentity(
            userID: settings.user, tags: settings.tags,
            credential: try settings.credential.map(files.secret) ?? SecretBytes([]))
        let session = SessionSettings(
            deviceID: try deviceID(
                of: settings, isOnly: configuration.identities.count == 1 || settings.name == sole),
            configuration: configuration, version: version)
        return IdentityProfile(name: settings.name, identity: identity, session: session)
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
                pingEvery: heartbeat.pingEvery?.written,
                confirmation: heartbeat.confirms ? heartbeat.confirmationTimeout : nil),
            handshakeTimeout: timeouts.handshake, bindTimeout: timeouts.bind, requestTimeout: timeouts.request,
            httpTimeout: timeouts.http,
            requestRetries: timeouts.requestRetries, maximumSend: configuration.limits.maximumSend)
    }
}

/// Gathers what is wrong with a configuration, so that all of it is reported at once.
final class ProblemCollector {
    private(set) var errors: [ConfigurationProblem] = []
    var warnings: [ConfigurationProblem]

    init(warnings: [ConfigurationProblem]) {
        self.warnings = warnings
    }

    /// The result of `work`, or nil where it failed, which is noted.
    func collect<Value>(_ work: () throws(ConfigurationProblem) -> Value) -> Value? {
        do {
            return try work()
        } catch {
            errors.append(error)
            return nil
        }
    }

    func report(_ problem: ConfigurationProblem) {
        errors.append(problem)
    }

    /// The errors; to be called where there are some.
    func asErrors() -> ConfigurationErrors {
        let unknown = ConfigurationProblem(.error, at: SourceLocation(file: "?"), "cannot be used")
        return ConfigurationErrors(errors.first ?? unknown, Array(errors.dropFirst()), warnings: warnings)
    }
}

extension ConfigurationProblem {
    /// Place, key and message, for where its severity is said otherwise: by the level of a record, or in front.
    package var plainText: String {
        ["\(location)", location.key, message].compactMap(\.self).joined(separator: ": ")
    }
}

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
