import Glibc
package import MPushPlatform

/// The numbers of errno(3) that worlds use, by names for people.
enum WorldErrno {
    static let unsupported: CInt = EOPNOTSUPP
}

/// Threads of a process in a world: what they are to do is done as a task of the loop, after a while by chance.
package final class WorldThreads: ThreadStarter, @unchecked Sendable {
    /// What becomes of a thread.
    package enum Verdict: Sendable {
        case run
        /// It blocks for so long before its work.
        case delay(Duration)
        /// It blocks until `releaseAll`.
        case hang
        /// There is none to be had, with a number of errno(3).
        case refuse(CInt)
    }

    private let loop: WorldLoop
    private let random: WorldRandom
    /// How long a thread takes to come to its work.
    package var latency: ClosedRange<Duration> = .microseconds(1) ... .milliseconds(3)
    /// Asked for each thread; none is delayed or refused without.
    package var gate: (() -> Verdict)?
    /// How many there are, and the most there were.
    package private(set) var count = 0
    package private(set) var most = 0
    private var hanging: [@Sendable () -> Void] = []

    package init(on loop: WorldLoop, random: WorldRandom) {
        self.loop = loop
        self.random = random
    }

    package func run(_ work: @escaping @Sendable () -> Void) throws(OSError) {
        switch gate?() ?? .run {
        case .run: start(after: .zero, work)
        case .delay(let delay): start(after: delay, work)
        case .refuse(let number): throw OSError(number, "pthread_create")
        case .hang:
            add()
            hanging.append(work)
        }
    }

    /// Those that hang go on, in the order in which they came.
    package func releaseAll() {
        let works = hanging
        hanging = []
        count -= works.count
        for work in works { start(after: .zero, work) }
    }

    private func start(after delay: Duration, _ work: @escaping @Sendable () -> Void) {
        add()
        let time = WorldTime.adding(
            WorldTime.nanoseconds(delay + random.skewedDuration(in: latency)), to: loop.scheduler.now)
        loop.add(at: time) { [self] in
            count -= 1
            work()
        }
    }

    private func add() {
        count += 1
        most = max(most, count)
    }
}
