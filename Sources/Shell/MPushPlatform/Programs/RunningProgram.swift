import CLinux
import Glibc
import NIOCore

/// One program that runs, with its pipes. Belongs to the thread that started it.
final class RunningProgram {
    /// How long a program that was told to end has to do so.
    static let grace = Duration.seconds(2)
    /// What is still read of its output when it has ended.
    private static let mostRemains = 256 * 1024
    /// Bytes that are written at once: as many as a pipe holds (pipe(7)).
    private static let longestPiece = 64 * 1024

    private enum Phase {
        case running
        /// It is to end by itself within a short time.
        case awaited
        /// Its group got SIGTERM; and SIGKILL follows.
        case ending(ProgramEnd)
        case killed(ProgramEnd)
    }

    let process: pid_t
    /// Can be read when the process has ended.
    let endDescriptor: CInt
    private(set) var input: CInt?
    private(set) var output: CInt?
    private var rest: ByteBuffer
    private var lines = OutputLines()
    private let onLine: @Sendable (String) -> Void
    let onLeftBehind: @Sendable () -> Void
    private var phase = Phase.running
    /// When something is to be done if it has not ended by then.
    private(set) var deadline: Duration

    /// Starts the program. Throws what `ProgramEnd.notStarted` needs.
    init(_ launch: ProgramLaunch, at now: Duration) throws(ProgramStartFailure) {
        let (input, output) = try RunningProgram.makePipes()
        let spawned = RunningProgram.spawn(launch, input: input.theirs, output: output.theirs)
        // Before the next descriptor is needed: what has begun must not be killed for want of one.
        close(input.theirs)
        close(output.theirs)
        do throws(ProgramStartFailure) {
            process = try spawned.get()
        } catch {
            close(input.ours)
            close(output.ours)
            throw error
        }
        var endDescriptor: CInt = -1
        let number = clinux_pidfd_open(process, &endDescriptor)
        self.endDescriptor = endDescriptor
        (self.input, self.output) = (input.ours, output.ours)
        rest = launch.input
        onLine = launch.onLine
        onLeftBehind = launch.onLeftBehind
        deadline = now + launch.timeLimit
        if number != 0 {
            kill(-process, SIGKILL)
            finish()
            throw ProgramStartFailure(number: number, step: .prepare)
        }
        feed()
    }

    /// It is not wanted any more: what it does not do by itself within `patience` it will not do.
    func stop(within patience: Duration, at now: Duration) {
        guard case .running = phase else { return }
        phase = .awaited
        deadline = min(deadline, now + patience)
    }

    /// Tells the whole group to end.
    private func terminate(_ end: ProgramEnd, at now: Duration) {
        phase = .ending(end)
        deadline = now + RunningProgram.grace
        kill(-process, SIGTERM)
        // A stopped process does not see SIGTERM before it goes on.
        kill(-process, SIGCONT)
    }

    /// Its deadline has come.
    func deadlineReached(at now: Duration) {
        switch phase {
        case .running: terminate(.timedOut, at: now)
        case .awaited: terminate(.stopped, at: now)
        case .ending(let end):
            phase = .killed(end)
            kill(-process, SIGKILL)
            deadline = now + .seconds(3600)
        case .killed: deadline = now + .seconds(3600)
        }
    }

    /// Writes what the pipe takes. A program that does not read, or not all, is none the worse for it.
    func feed() {
        guard let descriptor = input else { return }
        while rest.readableBytes > 0 {
            let piece = Array(rest.readableBytesView.prefix(RunningProgram.longestPiece))
            let count = write(descriptor, piece, piece.count)
            if count > 0 {
                rest.moveReaderIndex(forwardBy: count)
            } else if count < 0, errno == EINTR {
                continue
            } else if count < 0, errno == EAGAIN {
                return
            } else {
                break
            }
        }
        close(descriptor)
        input = nil
        rest = ByteBuffer()
    }

    /// Reads once, so that one program that floods does not keep the others waiting. False where there was nothing.
    @discardableResult
    func read(into buffer: inout [UInt8]) -> Int {
        guard let descriptor = output else { return 0 }
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count > 0 {
            for line in lines.add(buffer[..<count]) { onLine(line) }
            return count
        }
        if count < 0, errno == EINTR || errno == EAGAIN { return 0 }
        close(descriptor)
        output = nil
        return 0
    }

    /// The process has ended: what it wrote is read, and it is taken away. What a program leaves behind that had to be told to
    /// end is killed; of any other it may outlive it (`ProgramRemnants`).
    func end(reading buffer: inout [UInt8]) -> ProgramEnd {
        var (isSignal, number): (CInt, CInt) = (0, 0)
        let failure = clinux_wait_and_leave(process, &isSignal, &number)
        switch phase {
        case .running, .awaited: break
        // The zombie still holds the group's number, so this can meet no stranger.
        case .ending, .killed: kill(-process, SIGKILL)
        }
        var remains = RunningProgram.mostRemains
        while remains > 0 {
            let count = read(into: &buffer)
            guard count > 0 else { break }
            remains -= count
        }
        for line in lines.end() { onLine(line) }
        finish()
        switch phase {
        // What it did in the time it was given counts.
        case .ending(.stopped) where failure == 0 && isSignal == 0 && number == 0: return .exited(status: 0)
        case .ending(let end), .killed(let end): return end
        case .running where failure != 0, .awaited where failure != 0: return .notStarted(number: failure, .prepare)
        // Somebody else was quicker to end it, the service manager for example: it was to end in any case.
        case .awaited where isSignal != 0: return .stopped
        case .running, .awaited:
            return isSignal != 0 ? .killed(signal: Int(number)) : .exited(status: Int(number))
        }
    }

    private func finish() {
        for descriptor in [input, output, endDescriptor < 0 ? nil : endDescriptor].compactMap(\.self) {
            close(descriptor)
        }
        (input, output) = (nil, nil)
        _ = clinux_reap(process)
    }
}

extension RunningProgram {
    private static func makePipes() throws(ProgramStartFailure) -> (input: ProgramPipe, output: ProgramPipe) {
        do throws(OSError) {
            let input = try ProgramPipe(isInput: true)
            do throws(OSError) {
                return (input, try ProgramPipe(isInput: false))
            } catch {
                close(input.ours)
                close(input.theirs)
                throw error
            }
        } catch {
            throw ProgramStartFailure(number: error.number, step: .prepare)
        }
    }

    private static func spawn(
        _ launch: ProgramLaunch, input: CInt, output: CInt
    ) -> Result<pid_t, ProgramStartFailure> {
        let arguments = CStringList([Array(launch.path.utf8)] + launch.arguments)
        let environment = CStringList(launch.environment.map { Array($0.utf8) })
        var process: pid_t = 0
        var step = CLINUX_STEP_NONE
        let number = launch.path.withCString { path in
            launch.directory.withCString { directory in
                arguments.withPointers { arguments in
                    environment.withPointers { environment in
                        var program = clinux_program(
                            path: path, arguments: arguments, environment: environment, directory: directory,
                            input: input, output: output, error: output)
                        return clinux_spawn(&program, &process, &step)
                    }
                }
            }
        }
        return number == 0 ? .success(process) : .failure(ProgramStartFailure(number: number, step: step))
    }
}

/// Why a program could not be started.
struct ProgramStartFailure: Error {
    /// An errno(3).
    let number: CInt
    let step: ProgramEnd.Step

    init(number: CInt, step: ProgramEnd.Step) {
        self.number = number
        self.step = step
    }

    init(number: CInt, step: clinux_step) {
        self.number = number
        self.step =
            switch step {
            case CLINUX_STEP_DIRECTORY: .directory
            case CLINUX_STEP_EXECUTE: .execute
            default: .prepare
            }
    }
}

/// A pipe between us and a program: our end does not block, the program's does, as programs expect it.
struct ProgramPipe {
    let ours: CInt
    let theirs: CInt

    /// - Parameter isInput: whether the program reads.
    init(isInput: Bool) throws(OSError) {
        var ends: [CInt] = [-1, -1]
        let number = clinux_pipe(&ends)
        guard number == 0 else { throw OSError(number, "pipe") }
        (ours, theirs) = isInput ? (ends[1], ends[0]) : (ends[0], ends[1])
        _ = fcntl(ours, F_SETFL, fcntl(ours, F_GETFL) | O_NONBLOCK)
    }
}
