import ArgumentParser
import Glibc

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's socket; else $MPUSHD_SOCKET, else /run/mpushd/mpushd.sock.", valueName: "path"))
    var socket: String?

    @Flag(help: "Print JSON, for programs.")
    var json = false

    /// The socket to go to.
    var socketPath: String {
        if let socket { return socket }
        guard let path = getenv("MPUSHD_SOCKET"), path.pointee != 0 else { return "/run/mpushd/mpushd.sock" }
        return String(cString: path)
    }
}
