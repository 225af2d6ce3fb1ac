import CLinux
import Glibc
import MPushSimulator

/// Child processes (posix_spawn(3)).
enum ChildProcess {
    /// Runs a child that dies with this process: setpriv(1) asks the kernel for it, which posix_spawn(3) cannot, and then
    /// becomes the program. The child has a process group of its own, so that a Ctrl-C is only ours.
    private static let dieWithParent = ["setpriv", "--pdeathsig", "KILL", "--"]

    /// Starts the program that `arguments` begins with.
    static func spawn(_ arguments: [String], output: Int32, error: Int32) throws(ProgramFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, error, STDERR_FILENO)

        var attributes = ownGroupAndDefaultSignals()
        defer { posix_spawnattr_destroy(&attributes) }

        let words = dieWithParent + arguments
        var pointers = words.map { strdup($0) } + [nil]
        defer { pointers.forEach { free($0) } }
        var child = pid_t()
        let failure = posix_spawnp(&child, words[0], &actions, &attributes, &pointers, environ)
        guard failure == 0 else { throw .noResources(words[0], failure) }
        return child
    }

    /// How the child ended; nil while it runs. To be asked until it says so, and not again.
    static func exit(of child: pid_t) -> DemoExit? {
        var status: Int32 = 0
        guard waitpid(child, &status, WNOHANG) == child else { return nil }
        // WIFEXITED, WEXITSTATUS and WTERMSIG are macros, which Swift does not see.
        let signal = status & 0x7F
        return signal == 0 ? .status(status >> 8 & 0xFF) : .signal(signal)
    }

    private static func ownGroupAndDefaultSignals() -> posix_spawnattr_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var ignoredHere = sigset_t()
        sigemptyset(&ignoredHere)
        sigaddset(&ignoredHere, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &ignoredHere)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        return attributes
    }
}

/// The two ends of a pipe (pipe(2)), neither of which a child process inherits.
struct Pipe {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws(ProgramFailure) {
        var ends: [Int32] = [-1, -1]
        let number = clinux_pipe(&ends)
        guard number == 0 else { throw .noResources("pipe", number) }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    func closeWriteEnd() {
        close(writeEnd)
    }
}
