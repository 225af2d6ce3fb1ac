import Glibc
package import MPushConfiguration
import MPushConnection
package import MPushControl
package import MPushModel

/// What a walk is asked for.
package struct DoctorOptions: Sendable {
    package var configurationFile = "/etc/mpushd/mpushd.toml"
    /// By its name in the configuration; nil for all.
    package var identity: String?
    /// `host:port`; nil for the one that is configured first, or that the allocator names first.
    package var endpoint: String?
    /// Whether the user is bound, whoever has it then loses it.
    package var binds = false
    /// The version that the handshake tells the server.
    package let version: String
    /// What a running daemon says of its identities; none where none runs.
    package var daemonReports: [IdentityReport] = []
    /// Where a captive portal answers to HTTP.
    package var webPort: UInt16 = 80
    /// Where the configuration and what it names are read from.
    package var environment: any ConfigurationSource & Sendable = DoctorEnvironment()

    package init(version: String) {
        self.version = version
    }
}

/// The machine as the service sees it: where this process has no credentials of its own, the running service's are taken,
/// if they can be read.
package struct DoctorEnvironment: ConfigurationSource, Sendable {
    static let serviceCredentials = "/run/credentials/mpushd.service"

    private let machine = MachineEnvironment()

    package init() {}

    package func variable(named name: String) -> String? {
        if let value = machine.variable(named: name) { return value }
        guard name == "CREDENTIALS_DIRECTORY", access(DoctorEnvironment.serviceCredentials, R_OK | X_OK) == 0 else {
            return nil
        }
        return DoctorEnvironment.serviceCredentials
    }

    package func inspect(_ path: String) -> FileCondition { machine.inspect(path) }

    package func content(of path: String, maximum: Int) throws(UnreadableFile) -> [UInt8] {
        try machine.content(of: path, maximum: maximum)
    }

    package func secretContent(of path: String, maximum: Int) throws(UnreadableFile) -> SecretBytes {
        try machine.secretContent(of: path, maximum: maximum)
    }

    package func group(named name: String) -> GroupCondition { machine.group(named: name) }

    package func names(in directory: String) throws(UnreadableFile) -> [String] { try machine.names(in: directory) }
}
