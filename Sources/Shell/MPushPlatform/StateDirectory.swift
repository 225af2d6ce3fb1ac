import Glibc

/// Where the daemon keeps what outlives it, for itself alone: a second daemon there would take the first one's connection
/// away, and could store nothing.
package struct StateDirectory: Sendable {
    /// Why the daemon does not run with it.
    package struct Refusal: Error, Equatable {
        /// EX_TEMPFAIL or EX_CANTCREAT of sysexits.h.
        package let exitCode: CInt
        /// What is wrong, and what to do.
        package let text: String
    }

    /// Where systemd puts the state of a service that it does not tell so.
    private static let fallback = "/var/lib/mpushd"

    /// Its path.
    package let path: String
    /// What keeps others out, for as long as the daemon runs.
    package let lock: DirectoryLock

    /// The directory that the configuration names, else the `serviceDirectory` that systemd made, else the usual one. It is made where it
    /// is not there, and locked for `program`.
    ///
    /// As a service, one on a disk that is not to be written now is none the less taken: the service goes on without storing
    /// or acknowledging anything, says so, and takes the lock when the disk can be written again. By hand that is refused at
    /// once, for a person to see. One that another daemon has is refused always.
    package init(
        configured: String?, serviceDirectory: String?, program: String, isService: Bool, files: any FileStore
    ) throws(Refusal) {
        path = StateDirectory.path(configured: configured, serviceDirectory: serviceDirectory)
        lock = DirectoryLock(directory: path, program: program, files: files)
        do throws(OSError) {
            try files.makeDirectory(path, mode: 0o700)
        } catch {
            if isService { return }
            throw StateDirectory.cannotBeWritten("\(path): \(error)")
        }
        do throws(DirectoryLock.Failure) {
            try lock.acquire()
        } catch {
            switch error {
            case .held(let holder): throw StateDirectory.isInUse(path, by: holder)
            case .impossible(let error): if !isService { throw StateDirectory.cannotBeWritten("\(error)") }
            }
        }
    }

    /// Where it is, whether or not it is there.
    package static func path(configured: String?, serviceDirectory: String?) -> String {
        configured ?? serviceDirectory ?? fallback
    }

    private static func isInUse(_ path: String, by holder: String?) -> Refusal {
        Refusal(
            exitCode: EX_TEMPFAIL,
            text:
                "the state directory \(path) is in use by \(holder ?? "another process"): end that one first (a service "
                + "with `systemctl stop mpushd`), or give this one a directory, a user and a socket of its own "
                + "(state.directory, identity.user, api.socket)")
    }

    private static func cannotBeWritten(_ problem: String) -> Refusal {
        Refusal(
            exitCode: EX_CANTCREAT,
            text: "the state directory cannot be written: \(problem). Nothing could be stored, so nothing would be "
                + "acknowledged: make it, for the user that mpushd runs as, or name another (state.directory)")
    }
}
