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
    /// What a program that is talked to may have written without anybody's having looked at it, in bytes.
    private static let mostUnheard = 256 * 1024
    /// How long the lines of one that is talked to are counted together (`OutputLines`).
    private static let linesTime = Duration.seconds(60)

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
    /// Its standard error, where that is not part of the output.
    private(set) var errors: CInt?
    private var rest: ByteBuffer
    private var lines = OutputLines()
    private var linesSince: Duration
    private let isConversation: Bool
    /// Whether nothing more comes for its input than `rest`.
    private var isInputComplete: Bool
    private let onOutput: (ByteBuffer) -> Void
    /// Bytes that `onOutput` got and nobody has looked at.
    private var unheard = 0
    private let onLine: @Sendable (String) -> Void
    let onLeftBehind: @Sendable () -> Void
    private var phase = Phase.running
    /// When something is to be done if it has not ended by then.
    private(set) var deadline: Duration

    /// Starts the program. `onOutput` hears what it writes to standard output where it is talked to. Throws what
    /// `ProgramEnd.notStarted` needs.
    init(
        _ launch: ProgramLaunch, at now: Duration, onOutput: @escaping (ByteBuffer) -> Void
    ) throws(ProgramStartFailure) {
        let pipes = try RunningProgram.makePipes(launch.isConversation ? [true, false, false] : [true, false])
        let spawned = RunningProgram.spawn(launch, pipes.map(\.theirs))
        // Before the next descriptor is needed: what has begun must not be killed for want of one.
        for pipe in pipes { close(pipe.theirs) }
        do throws(ProgramStartFailure) {
            process = try spawned.get()
        } catch {
            for pipe in pipes { close(pipe.ours) }
            throw error
        }
        var endDescriptor: CInt = -1
        let number = clinux_pidfd_open(process, &endDescriptor)
        self.endDescriptor = endDescriptor
        (input, output, errors) = (pipes[0].ours, pipes[1].ours, pipes.count > 2 ? pipes[2].ours : nil)
        rest = launch.input
        isConversation = launch.isConversation
        isInputComplete = !launch.isConversation
        linesSince = now
        self.onOutput = onOutput
        onLine = launch.onLine
        onLeftBehind = launch.onLeftBehind
        // One that is talked to has no time of its own; whoever talks to it stops it.
        deadline = now + (launch.isConversation ? .seconds(100 * 365 * 86_400) : launch.timeLimit)
        if number != 0 {
            kill(-process, SIGKILL)
            finish()
            throw ProgramStartFailure(number: number, step: .prepare)
        }
        feed(at: now)
    }

    /// It is not wanted any more: what it does not do by itself within `patience` it will not do.
    func stop(within patience: Duration, at now: Duration) {
        guard case .running = phase else { return }
        phase = .awaited
        deadline = min(deadline, now + patience)
        guard isConversation, input != nil else { return }
        // What is written ends with a line.
        let rest = rest.readableBytesView
        let lineEnd = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
        self.rest = ByteBuffer(rest[..<lineEnd])
        isInputComplete = true
        feed(at: now)
    }

    /// For its standard input, where it is talked to.
    func write(_ bytes: ByteBuffer, at now: Duration) {
        guard !isInputComplete, input != nil else { return }
        if rest.readableBytes == 0 { rest = bytes } else { rest.writeImmutableBuffer(bytes) }
        feed(at: now)
    }

    /// So many bytes of its output were looked at.
    func heard(_ bytes: Int) { unheard -= bytes }

    /// Whether there is something for its input.
    var wantsToWrite: Bool { rest.readableBytes > 0 || isInputComplete }

    /// Whether there is room for what it writes.
    var wantsToRead: Bool { unheard < RunningProgram.mostUnheard }

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

    /// Writes what the pipe takes. A program that does not read, or not all, is none the worse for it; but one that is talked to
    /// has to end where it does not listen any more.
    func feed(at now: Duration) {
        guard let descriptor = input else { return }
        while rest.readableBytes > 0 {
            let count = rest.withUnsafeReadableBytes {
                Glibc.write(descriptor, $0.baseAddress, min($0.count, RunningProgram.longestPiece))
            }
            if count > 0 {
                rest.moveReaderIndex(forwardBy: count)
            } else if count < 0, errno == EINTR {
                continue
            } else if count < 0, errno == EAGAIN {
                if rest.readerIndex > RunningProgram.longestPiece { rest.discardReadBytes() }
                return
            } else {
                isInputComplete = true
                rest = ByteBuffer()
                if isConversation { stop(within: RunningProgram.grace, at: now) }
                break
            }
        }
        rest = ByteBuffer()
        guard isInputComplete else { return }
        if input != nil { close(descriptor) }
        input = nil
    }

    /// Reads once, so that one program that floods does not keep the others waiting. 0 where there was nothing.
    @discardableResult
    func read(into buffer: inout [UInt8]) -> Int {
        let count = RunningProgram.read(&output, into: &buffer)
        guard count > 0 else { return 0 }
        if isConversation {
            unheard += count
            onOutput(ByteBuffer(bytes: buffer[..<count]))
        } else {
            for line in lines.add(buffer[..<count]) { onLine(line) }
        }
        return count
    }

    /// Reads once from its standard error.
    @discardableResult
    func readErrors(into buffer: inout [UInt8], at now: Duration) -> Int {
        let count = RunningProgram.read(&errors, into: &buffer)
        guard count > 0 else { return 0 }
        if now - linesSince >= RunningProgram.linesTime {
            lines.renew()
            linesSince = now
        }
        for line in lines.add(buffer[..<count]) { onLine(line) }
        return count
    }

    private static func read(_ descriptor: inout CInt?, into buffer: inout [UInt8]) -> Int {
        guard let open = descriptor else { return 0 }
        let count = Glibc.read(open, &buffer, buffer.count)
        if count > 0 { return count }
        if count < 0, errno == EINTR || errno == EAGAIN { return 0 }
        close(open)
        descriptor = nil
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
            let count = read(into: &buffer) + readErrors(into: &buffer, at: linesSince)
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
        for descriptor in [input, output, errors, endDescriptor < 0 ? nil : endDescriptor].compactMap(\.self) {
            close(descriptor)
        }
        (input, output, errors) = (nil, nil, nil)
        _ = clinux_reap(process)
    }
}

extension RunningProgram {
    /// As many pipes, each for the program to read from or not.
    private static func makePipes(_ areInputs: [Bool]) throws(ProgramStartFailure) -> [ProgramPipe] {
        var pipes: [ProgramPipe] = []
        for isInput in areInputs {
            do throws(OSError) {
                pipes.append(try ProgramPipe(isInput: isInput))
            } catch {
                for pipe in pipes {
                    close(pipe.ours)
                    close(pipe.theirs)
                }
                throw ProgramStartFailure(number: error.number, step: .prepare)
            }
        }
        return pipes
    }

    /// `descriptors` are its standard input, output and error; without the last, the output is both.
    private static func spawn(
        _ launch: ProgramLaunch, _ descriptors: [CInt]
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
                            input: descriptors[0], output: descriptors[1], error: descriptors[descriptors.count - 1])
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
