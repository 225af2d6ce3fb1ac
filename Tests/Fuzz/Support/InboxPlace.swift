import Glibc
import MPushConfiguration
import MPushInbox
import MPushModel
import MPushPlatform
import NIOCore
import NIOPosix
import Synchronization

/// A directory in memory with an inbox in it, which is asked one thing after the other.
final class InboxPlace: Sendable {
    /// Stands still unless it is moved.
    final class Clock: ClockSource {
        private struct State {
            var now = Instant(sinceBoot: .seconds(1000))
            var wall = WallTime(millisecondsSince1970: 1_795_600_000_000)
        }

        private let state = Mutex(State())

        var now: Instant { state.withLock { $0.now } }
        var wall: WallTime { state.withLock { $0.wall } }
        var monotonic: Duration { now.sinceBoot }
        var bootID: String? { "boot" }
        var isWallSynchronised: Bool { true }

        func pass(_ duration: Duration) {
            state.withLock {
                $0.now += duration
                $0.wall = $0.wall.advanced(by: duration)
            }
        }

        /// The inbox's deadlines go by the machine's clock.
        func makeAlarm(
            on eventLoop: any EventLoop, handler: @escaping () -> Void
        ) throws(OSError) -> any ClockAlarm {
            try MachineClock().makeAlarm(on: eventLoop, handler: handler)
        }

        func watchForStep(
            on eventLoop: any EventLoop, handler: @escaping () -> Void
        ) throws(OSError) -> any ClockStepWatch {
            throw OSError(0, "timerfd_create")
        }
    }

    private struct Heard {
        var inbox: Inbox?
        var timer: LoopTimer?
        var news: [InboxNews] = []
    }

    private static let loop = MultiThreadedEventLoopGroup.singleton.next()

    let clock = Clock()
    private let directory: String
    private let heard = NIOLoopBoundBox.makeBoxSendingValue(Heard(), eventLoop: InboxPlace.loop)

    init(holding bytes: [UInt8]) throws(InvariantViolation) {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        directory = "\(parent)/mpush-fuzz-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        do throws(OSError) {
            try FileSystem.makeDirectory(directory)
            let descriptor = Glibc.open(directory + "/inbox.db", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw OSError(errno, "open") }
            defer { Glibc.close(descriptor) }
            if let error = FileSystem.writeAll(bytes, to: descriptor) { throw error }
        } catch {
            throw InvariantViolation("\(directory): \(error)")
        }
    }

    /// Whether what was there was set aside since it was opened.
    var hasBegunAnew: Bool {
        let box = heard
        let news = (try? InboxPlace.loop.submit { box.value.news }.wait()) ?? []
        return news.contains { if case .begunAnew = $0 { true } else { false } }
    }

    /// Gives the number of tickets in it.
    func open() throws(InvariantViolation) -> Int {
        let (box, clock, directory) = (heard, clock, directory)
        let made: Void? = try? InboxPlace.loop.submit {
            box.value.news = []
            let timer = try LoopTimer(on: InboxPlace.loop, clock: MachineClock())
            box.value.timer = timer
            box.value.inbox = Inbox(
                directory: directory, settings: InboxSettings(), clock: clock,
                threads: ShortThreads(), files: MachineFiles(), timer: timer
            ) {
                box.value.news.append($0)
            }
        }.wait()
        try require(made != nil, "no inbox")
        return try ask { inbox, done in inbox.open { done($0.count) } }
    }

    func close() throws(InvariantViolation) {
        let _: Bool = try ask { inbox, done in inbox.close { done(true) } }
        // It holds whom it tells its news, and is held there.
        let box = heard
        let _: Void? = try? InboxPlace.loop.submit {
            box.value.inbox = nil
            box.value.timer?.close()
            box.value.timer = nil
        }.wait()
    }

    func status() throws(InvariantViolation) -> InboxStatus { try ask { inbox, done in done(inbox.status) } }

    /// Asks it something on its loop, and waits for the answer.
    func ask<Answer: Sendable>(
        _ question: @escaping @Sendable (Inbox, @escaping (Answer) -> Void) -> Void
    ) throws(InvariantViolation) -> Answer {
        let promise = InboxPlace.loop.makePromise(of: Answer.self)
        let box = heard
        InboxPlace.loop.execute {
            guard let inbox = box.value.inbox else { return promise.fail(ChannelError.alreadyClosed) }
            question(inbox) { promise.succeed($0) }
        }
        guard let answer = try? promise.futureResult.wait() else { throw InvariantViolation("no answer") }
        return answer
    }

    func remove() {
        for name in FileSystem.names(in: directory) { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }
}
