import CLinux
import Glibc
import MPushPlatform

/// A command of the shell that is given bytes on its standard input; what it writes goes where our own output goes.
struct ShellCommand {
    enum End: Equatable {
        case exited(CInt)
        case killed(CInt)
        /// An errno(3).
        case notStarted(CInt)

        /// Of waitpid(2).
        fileprivate init(status: CInt) {
            let signal = status & 0x7F
            self = signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal)
        }
    }

    let text: String

    /// Runs it to its end, in a process group of its own: what is typed at the terminal ends us alone, who put it off until then.
    /// A second signal ends the command, too. What comes in `stream` meanwhile is read, so that the daemon does not take us for
    /// dead.
    func run(
        on input: [UInt8], _ signals: DeferredSignals, reading stream: ResponseReader, _ terminal: Terminal
    ) -> End {
        var pipe: [CInt] = [-1, -1]
        let number = clinux_pipe(&pipe)
        guard number == 0 else { return .notStarted(number) }
        _ = fcntl(pipe[1], F_SETFL, O_NONBLOCK)
        var process = pid_t()
        let failure = spawn(&process, input: pipe[0], signals)
        close(pipe[0])
        guard failure == 0 else {
            close(pipe[1])
            return .notStarted(failure)
        }
        var feed = PipeFeed(descriptor: pipe[1], rest: input[...])
        defer { feed.end() }
        var source = stream.descriptor
        var asked = 0
        while true {
            let events = [(signals.descriptor, POLLIN), (source ?? -1, POLLIN), (feed.descriptor, POLLOUT)]
            var watched = events.map { pollfd(fd: $0, events: Int16($1), revents: 0) }
            _ = poll(&watched, nfds_t(watched.count), -1)
            if watched[1].revents != 0, (try? stream.gather()) != true { source = nil }
            if watched[2].revents != 0 { feed.write() }
            while let number = signals.next() {
                if number != SIGCHLD {
                    asked += 1
                    ask(process, asked, terminal)
                }
                var status: CInt = 0
                if waitpid(process, &status, WNOHANG) == process { return End(status: status) }
            }
        }
    }

    private func ask(_ process: pid_t, _ times: Int, _ terminal: Terminal) {
        switch times {
        case 1: terminal.note("mpushctl: waiting for the program that runs; once more ends it")
        case 2: kill(-process, SIGTERM)
        default: kill(-process, SIGKILL)
        }
    }

    private func spawn(_ process: inout pid_t, input: CInt, _ signals: DeferredSignals) -> CInt {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (mask, ignored) = (signals.inherited, sigset_t())
        sigemptyset(&ignored)
        sigaddset(&ignored, SIGPIPE)
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setsigdefault(&attributes, &ignored)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
        let words = CStringList(["/bin/sh", "-c", text].map { Array($0.utf8) })
        return words.withPointers { posix_spawn(&process, "/bin/sh", &actions, &attributes, $0, environ) }
    }
}

/// What is written to a pipe as it takes it.
private struct PipeFeed {
    /// -1 when all is written, or nobody reads.
    private(set) var descriptor: CInt
    private var rest: ArraySlice<UInt8>

    init(descriptor: CInt, rest: ArraySlice<UInt8>) {
        self.descriptor = descriptor
        self.rest = rest
        if rest.isEmpty { end() }
    }

    mutating func write() {
        let piece = Array(rest.prefix(64 * 1024))
        let count = Glibc.write(descriptor, piece, piece.count)
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        rest = rest.dropFirst(max(0, count))
        if count < 0 || rest.isEmpty { end() }
    }

    mutating func end() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
