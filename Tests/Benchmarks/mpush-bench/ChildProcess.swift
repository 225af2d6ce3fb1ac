import CLinux
import Glibc

/// A program that is being measured. It is ended, and waited for, by `stop`.
final class ChildProcess {
    /// Where its standard output goes.
    enum Output {
        case nowhere
        /// Read with `readLine`.
        case pipe
    }

    let processID: pid_t
    private let output: CInt
    private let input: CInt
    private var isRunning = true

    private static let stopGrace = Duration.seconds(5)

    /// Starts `program` with `arguments`. What it writes to standard error is appended to `log`. `environment` is all of
    /// its environment.
    init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], output: Output = .nowhere,
        log: String
    ) throws(BenchError) {
        let (childInput, input) = try Self.makePipe()
        let (ownOutput, childOutput) = try Self.makePipe()
        defer {
            close(childInput)
            close(childOutput)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, childInput, STDIN_FILENO)
        switch output {
        case .nowhere: posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        case .pipe: posix_spawn_file_actions_adddup2(&actions, childOutput, STDOUT_FILENO)
        }
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        processID = try Self.spawn(program, [program] + arguments, environment.map { "\($0)=\($1)" }, &actions)
        self.input = input
        self.output = ownOutput
    }

    deinit {
        stop()
        close(input)
        close(output)
    }

    /// Asks the program to end, kills it where it does not, and waits for it.
    func stop() {
        guard isRunning else { return }
        isRunning = false
        kill(processID, SIGTERM)
        let deadline = ContinuousClock.now + Self.stopGrace
        while waitpid(processID, nil, WNOHANG) == 0 {
            if ContinuousClock.now > deadline { kill(processID, SIGKILL) }
            usleep(1000)
        }
    }

    /// The CPU time of all its threads so far, those that have ended included (clock_getcpuclockid(3)).
    var cpuTime: Duration {
        get throws(BenchError) {
            var clock = clockid_t()
            guard clock_getcpuclockid(processID, &clock) == 0,
                case let time = clinux_clock_nanoseconds(clock), time >= 0
            else { throw BenchError("process \(processID) is gone") }
            return .nanoseconds(time)
        }
    }

    /// The next line of its standard output; blocks until it is there. Nil at the end.
    func readLine() -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1 {
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        return nil
    }

    private static func makePipe() throws(BenchError) -> (reading: CInt, writing: CInt) {
        var ends: [CInt] = [0, 0]
        _ = try checked("pipe") { pipe(&ends) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func spawn(
        _ program: String, _ arguments: [String], _ environment: [String],
        _ actions: inout posix_spawn_file_actions_t
    ) throws(BenchError) -> pid_t {
        var arguments = arguments.map { strdup($0) } + [nil]
        var environment = environment.map { strdup($0) } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var processID = pid_t()
        let result = posix_spawn(&processID, program, &actions, nil, &arguments, &environment)
        guard result == 0 else { throw BenchError("\(program): \(String(cString: strerror(result)))") }
        return processID
    }
}
