import CLinux
import Glibc
import MPushModel
import Synchronization

/// Threads of this machine for work that may block for long (a name lookup, a sync of the disk), each piece on a thread that
/// ends with it.
///
/// Not a pool: work of this kind comes once in a while, and threads that wait for more would cost an idle daemon memory
/// and wake-ups.
package struct ShortThreads: ThreadStarter {
    private final class Job {
        let work: @Sendable () -> Void

        init(_ work: @escaping @Sendable () -> Void) {
            self.work = work
        }
    }

    private static let stackSize = 256 * 1024

    package init() {}

    package func run(_ work: @escaping @Sendable () -> Void) throws(OSError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, ShortThreads.stackSize)
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

    /// Blocks this thread until `condition`, which other threads fulfil, holds, or for `limit` at most: for the end of a
    /// program, which has nothing else to do.
    package static func wait(upTo limit: Duration, by clock: any ClockSource, until condition: () -> Bool) {
        let end = clock.now + limit
        while !condition(), clock.now < end { usleep(1000) }
    }
}

/// Jobs that may block, one after the other in their order, on a short thread that lives while there are some: as few
/// threads for a thousand identities as for one. Jobs are handed in from one thread, that of its event loop.
package final class SerialWorker: Sendable {
    private let queue = Mutex(JobQueue<SerialJob>())
    private let threads: any ThreadStarter

    package init(on threads: any ThreadStarter) {
        self.threads = threads
    }

    /// Does `job` after all that were handed in before it. Throws `OSError` where no thread can be had.
    package func run(_ job: @escaping @Sendable () -> Void) throws(OSError) {
        guard queue.withLock({ $0.add(SerialJob(work: job)) }) else { return }
        do throws(OSError) {
            try threads.run { [self] in work() }
        } catch {
            // Nobody else hands in jobs, so this one is the only one.
            _ = queue.withLock { $0.abandon() }
            throw error
        }
    }

    private func work() {
        while let jobs = queue.withLock({ $0.next { $0.prefix(1) } }) {
            for job in jobs { job.work() }
        }
    }

    private struct SerialJob: Sendable {
        let work: @Sendable () -> Void
    }
}

/// Jobs in their order, and whether a thread is there that does them: one at the most. It stands in a Mutex that the thread
/// shares with those who hand jobs in.
package struct JobQueue<Job: Sendable>: Sendable {
    private var jobs: [Job] = []
    private var isRunning = false

    package init() {}

    /// Whether none waits.
    package var isEmpty: Bool { jobs.isEmpty }

    /// Whether a thread has to be started for it.
    package mutating func add(_ job: Job) -> Bool {
        jobs.append(job)
        defer { isRunning = true }
        return !isRunning
    }

    /// The first jobs, as many as `some` takes of all (one at least); nil where there are none: the thread is to end.
    package mutating func next(_ some: ([Job]) -> ArraySlice<Job>) -> [Job]? {
        guard !jobs.isEmpty else {
            isRunning = false
            return nil
        }
        let taken = Array(some(jobs))
        jobs.removeFirst(taken.count)
        return taken
    }

    /// No thread can be had: the jobs that are not done.
    package mutating func abandon() -> [Job] {
        defer { self = JobQueue() }
        return jobs
    }
}
