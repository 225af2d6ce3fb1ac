import ArgumentParser
import Glibc

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's socket; else $MPUSHD_SOCKET, else /run/mpushd/mpushd.sock.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("Of the service mpushd@NAME in place of mpushd.", valueName: "name"))
    var instance: String?

    @Flag(help: "Print JSON, for programs.")
    var json = false

    /// The configuration of the daemon that is meant.
    var configurationPath: String { "/etc/mpushd/" + (instance.map { $0 + "/" } ?? "") + "mpushd.toml" }

    /// The instance is a part of paths.
    func validate() throws {
        guard socket == nil || instance == nil else { throw ValidationError("Either --socket or --instance.") }
        guard instance.map({ !$0.isEmpty && !$0.contains("/") && !$0.hasPrefix(".") }) ?? true else {
            throw ValidationError("--instance is what stands behind the @ in mpushd@NAME.")
        }
    }

    /// The socket to go to.
    var socketPath: String {
        if let socket { return socket }
        if let instance { return "/run/mpushd-instances/\(instance)/mpushd.sock" }
        guard let path = getenv("MPUSHD_SOCKET"), path.pointee != 0 else { return "/run/mpushd/mpushd.sock" }
        return String(cString: path)
    }
}
