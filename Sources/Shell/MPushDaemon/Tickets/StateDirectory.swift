import MPushCipher
import MPushPlatform
import MPushSystemd
import NIOCore

/// Where the daemon keeps what outlives it.
struct StateDirectory {
    /// Absolute.
    let path: String
    /// Writes the tickets of all identities.
    private let worker = SerialWorker()

    /// Where systemd puts the state of a service that it does not tell so.
    static let fallback = "/var/lib/mpushd"

    /// The directory that the configuration names, else the one that systemd made, else the usual one. It is made where
    /// it is not there; where that fails, each ticket that cannot be stored says so.
    init(configured: String?, environment: ServiceEnvironment = .process) {
        path = configured ?? environment.stateDirectory ?? StateDirectory.fallback
        try? FileSystem.makeDirectory(path)
    }

    /// The tickets of the identity `name`, for the server with `serverKey`.
    func tickets(
        of name: String, serverKey: RSAPublicKey, log: Logger, on eventLoop: any EventLoop,
        onIdle: @escaping () -> Void
    ) -> TicketStore {
        TicketStore(
            directory: path, identity: name, serverKey: serverKey, log: log.with([.identity(name)]), worker: worker,
            on: eventLoop,
            onIdle: onIdle)
    }
}
