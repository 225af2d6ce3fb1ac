import Glibc
import Synchronization

/// Whether no further world is to begin: SIGINT and SIGTERM say so, and the sum of those that were run is printed then. The
/// same signal a second time ends the process at once.
enum EndRequest {
    private static let isTold = Atomic(false)

    static var isThere: Bool { isTold.load(ordering: .relaxed) }

    static func listen() {
        // What the handler uses is there before it is.
        _ = isThere
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in EndRequest.isTold.store(true, ordering: .relaxed) }
        action.sa_flags = CInt(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
        for signal in [SIGINT, SIGTERM] { sigaction(signal, &action, nil) }
    }
}
