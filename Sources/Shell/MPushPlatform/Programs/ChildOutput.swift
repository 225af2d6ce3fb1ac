import Glibc
import MPushModel

/// What a program says, bounded in bytes and, until it has closed its outputs, in time.
package struct ChildOutput {
    package let text: String
    /// Why it is not whole; nil where it is.
    package let shortfall: String?

    /// Runs the program that `arguments` begins with, looked for in PATH, without input, and takes what it writes to either
    /// output. It waits for that, and from then on for the program's end, which has no limit: not for an event loop.
    package static func of(
        _ arguments: [String], within limit: Duration, atMost most: Int, clock: any ClockSource
    ) -> ChildOutput {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return ChildOutput(text: "", shortfall: "no pipe: \(OSError.text(for: errno))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
        var process = pid_t()
        let words = CStringList(arguments.map { Array($0.utf8) })
        let number = words.withPointers { pointers in
            posix_spawnp(&process, arguments[0], &actions, nil, pointers, environ)
        }
        close(ends[1])
        guard number == 0 else {
            return ChildOutput(text: "", shortfall: "\(arguments[0]): \(OSError.text(for: number))")
        }
        let (bytes, end) = read(ends[0], within: limit, atMost: most, clock)
        if end != nil { kill(process, SIGKILL) }
        let status = status(of: process)
        let shortfall = end ?? (status == 0 ? nil : "\(arguments[0]) ended with status \(status)")
        return ChildOutput(text: String(decoding: bytes, as: UTF8.self), shortfall: shortfall)
    }

    /// Waits for the end of a child: its exit status, or what a shell gives for a signal.
    package static func status(of process: CInt) -> CInt {
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 128 + signal
    }

    private static func read(
        _ descriptor: CInt, within limit: Duration, atMost most: Int, _ clock: any ClockSource
    ) -> (bytes: [UInt8], end: String?) {
        let due = clock.now + limit
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let left = (due - clock.now).wholeMilliseconds
            if left <= 0 { return (bytes, "cut: not done after \(limit.humanReadable)") }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, CInt(clamping: left)) > 0 else { continue }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return (bytes, nil) }
            bytes += buffer.prefix(count)
            if bytes.count > most { return (Array(bytes.prefix(most)), "cut after \(most / 1024) KiB") }
        }
    }
}
