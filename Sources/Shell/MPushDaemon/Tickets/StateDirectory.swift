import MPushPlatform
import MPushSystemd

/// Where the daemon keeps what outlives it.
enum StateDirectory {
    /// Where systemd puts the state of a service that it does not tell so.
    static let fallback = "/var/lib/mpushd"

    /// The directory that the configuration names, else the one that systemd made, else the usual one. It is made where
    /// it is not there; where that fails, the inbox says so.
    static func prepare(configured: String?, environment: ServiceEnvironment = .process) -> String {
        let path = configured ?? environment.stateDirectory ?? fallback
        try? FileSystem.makeDirectory(path)
        return path
    }
}
