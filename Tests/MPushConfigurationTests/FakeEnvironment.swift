import MPushConfiguration

/// A machine on which every file is there and good, but those that a test says otherwise of.
struct FakeEnvironment: ConfigurationEnvironment {
    var variables: [String: String] = ["CREDENTIALS_DIRECTORY": "/run/credentials/mpushd.service"]
    var files: [String: FileCondition] = [:]
    var groups: [String: GroupCondition] = [:]

    func variable(named name: String) -> String? { variables[name] }

    func inspect(_ path: String) -> FileCondition {
        if let condition = files[path] { return condition }
        if path.hasSuffix("/mpushd") { return .directory }
        if path.hasPrefix("/var/") { return .missing }
        if path.hasSuffix(".sock") { return .special }
        return .readable(mode: path.contains("bin/") ? 0o755 : 0o640, size: 100)
    }

    func group(named name: String) -> GroupCondition { groups[name] ?? .known(UInt32(name) ?? 995) }
}

/// What the tests call the configuration file.
let fileName = "mpushd.toml"

/// The smallest good configuration, whose last line stands in `[identity]`.
let minimal = """
    [server]
    endpoints = ["push.example.com:3443"]
    public_key = "/etc/mpushd/server-rsa.pem"
    [identity]
    user = "alice"

    """

/// The configuration that `text` spells.
func parse(_ text: String, in environment: FakeEnvironment = FakeEnvironment()) throws -> Configuration {
    try Configuration.parse(Array(text.utf8), named: fileName, in: environment).configuration
}

/// The errors in `text`, one a line; empty where it is good.
func errors(_ text: String, in environment: FakeEnvironment = FakeEnvironment()) -> String {
    do {
        _ = try Configuration.parse(Array(text.utf8), named: fileName, in: environment)
        return ""
    } catch {
        return error.description
    }
}

/// The warnings about `text`, which is good.
func warnings(_ text: String, in environment: FakeEnvironment = FakeEnvironment()) throws -> [String] {
    try Configuration.parse(Array(text.utf8), named: fileName, in: environment).warnings.map(\.description)
}
