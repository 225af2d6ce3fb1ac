import Glibc
import Synchronization

/// A directory that one process uses at a time: a lock on a file in it, held until `release`, or until the process ends
/// however it ends. No program that is started inherits it.
package final class DirectoryLock: Sendable {
    /// Why it could not be had.
    package enum Failure: Error, Equatable {
        /// Another has it; in its own words, such as `process 812 (mpushd 0.1.1)`, or nil where it left none.
        case held(by: String?)
        /// The file cannot be made or locked.
        case impossible(OSError)
    }

    private let path: String
    private let program: String
    private let files: any FileStore
    /// nil while it is not held.
    private let held = Mutex<(any FileLock)?>(nil)

    /// For `directory`; `program` says who holds it, to the others.
    package init(directory: String, program: String, files: any FileStore) {
        path = directory + "/lock"
        self.program = program
        self.files = files
    }

    deinit {
        release()
    }

    /// Takes it; again is fine.
    package func acquire() throws(Failure) {
        let outcome: Result<Void, Failure> = held.withLock { held in
            guard held == nil else { return .success(()) }
            do throws(Failure) {
                held = try files.lock(path, sign: "process \(getpid()) (\(program))")
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }

    /// Gives it back; the file stays.
    package func release() {
        held.withLock { held in
            held?.release()
            held = nil
        }
    }
}
