import CLinux
import Glibc

/// Work that may block for long (a name lookup, a sync of the disk), each piece on a thread that ends with it.
///
/// Not a pool: work of this kind comes once in a while, and threads that wait for more would cost an idle daemon memory
/// and wake-ups.
package enum ShortThread {
    private final class Job {
        let work: @Sendable () -> Void

        init(_ work: @escaping @Sendable () -> Void) {
            self.work = work
        }
    }

    private static let stackSize = 256 * 1024

    /// Runs `work` on a thread of its own. Throws `OSError` where no thread can be had.
    package static func run(_ work: @escaping @Sendable () -> Void) throws(OSError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackSize)
        let job = Unmanaged.passRetained(Job(work))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().work()
                return nil
            }, job.toOpaque())
        guard result == 0 else {
            job.release()
            throw OSError(result, "pthread_create")
        }
    }
}
