import Glibc
import MPushScene

/// Runs worlds in processes of their own, several at once and a few worlds in each: a world leaves memory behind, and one that
/// traps takes only its own process with it.
struct WorldProcesses {
    static let mostWorlds = 25

    private struct Process {
        let id: pid_t
        let output: CInt
        var worlds: [WorldCase]
        var text: [UInt8] = []
        /// To end early.
        var isTold = false
    }

    /// How many at once.
    let jobs: Int
    /// What each is told beside its worlds.
    let options: [String]
    /// Whether there is no time for another world.
    let isLate: () -> Bool
    private var running: [Process] = []
    private(set) var records: [WorldRecord] = []

    init(jobs: Int, options: [String], isLate: @escaping () -> Bool) {
        (self.jobs, self.options, self.isLate) = (jobs, options, isLate)
    }

    /// Prints what they print, and keeps a record of each world. False where no process could be started.
    mutating func run(_ worlds: [WorldCase]) -> Bool {
        let size = min(WorldProcesses.mostWorlds, max(1, (worlds.count + jobs - 1) / jobs))
        var waiting = worlds[...]
        while !waiting.isEmpty || !running.isEmpty {
            if isLate() { waiting = [] }
            tellOfEnd()
            while running.count < jobs, !waiting.isEmpty {
                let some = waiting.prefix(WorldProcesses.count(of: waiting.prefix(size)))
                guard start(Array(some)) else { return false }
                waiting = waiting.dropFirst(some.count)
            }
            for index in ready().reversed() where !read(index) {
                let ended = running.remove(at: index)
                // The world that it trapped in counts as failed; those behind it come again.
                if let trapped = finish(ended) { waiting = ended.worlds.dropFirst(trapped + 1) + waiting }
            }
        }
        return true
    }

    /// Each ends after the world that it is in.
    private mutating func tellOfEnd() {
        guard EndRequest.isThere else { return }
        for index in running.indices where !running[index].isTold {
            running[index].isTold = true
            kill(running[index].id, SIGTERM)
        }
    }

    /// How many of `worlds` are enough for a process: a long one, or one with many starts, leaves as much behind as several.
    private static func count(of worlds: ArraySlice<WorldCase>) -> Int {
        var room = mostWorlds
        let fitting = worlds.prefix { world in
            room -= world.kind == .dense ? world.days : mostWorlds / 5
            return room >= 0
        }
        return max(1, fitting.count)
    }

    private mutating func start(_ worlds: [WorldCase]) -> Bool {
        var ends: [CInt] = [0, 0]
        guard pipe(&ends) == 0 else {
            perror("pipe")
            return false
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let arguments = ["mpush-world", "--part", "--worlds", worlds.map(\.text).joined(separator: ",")] + options
        var pointers = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var id = pid_t()
        let error = posix_spawn(&id, "/proc/self/exe", &actions, nil, &pointers, environ)
        close(ends[1])
        guard error == 0 else {
            print("no process: \(String(cString: strerror(error)))")
            return false
        }
        running.append(Process(id: id, output: ends[0], worlds: worlds))
        return true
    }

    /// Those that have something to say, or have ended.
    private func ready() -> [Int] {
        var descriptors = running.map { pollfd(fd: $0.output, events: Int16(POLLIN), revents: 0) }
        guard poll(&descriptors, nfds_t(descriptors.count), -1) > 0 else { return [] }
        return descriptors.indices.filter { descriptors[$0].revents != 0 }
    }

    /// False at its end.
    private mutating func read(_ index: Int) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(running[index].output, &buffer, buffer.count)
        guard count > 0 else { return false }
        running[index].text += buffer[..<count]
        guard let end = running[index].text.lastIndex(of: UInt8(ascii: "\n")) else { return true }
        let lines = String(decoding: running[index].text[..<end], as: UTF8.self)
        running[index].text.removeSubrange(...end)
        for line in lines.split(separator: "\n", omittingEmptySubsequences: false) {
            if let record = WorldRecord(line: line) { records.append(record) } else { print(line) }
        }
        fflush(nil)
        return true
    }

    /// Gives which of its worlds it did not survive.
    private mutating func finish(_ process: Process) -> Int? {
        close(process.output)
        var status: CInt = 0
        waitpid(process.id, &status, 0)
        let known = Set(records.map(\.world))
        guard let trapped = process.worlds.firstIndex(where: { !known.contains($0) }) else { return nil }
        // It had no time for the rest; the signal may have come before it listened.
        let wasTold = EndRequest.isThere && [SIGINT, SIGTERM].contains(status & 0x7f)
        if isLate(), status == 0 || status == 1 << 8 || wasTold { return nil }
        let world = process.worlds[trapped]
        let cause = status & 0x7f == 0 ? "ended with \(status >> 8)" : "died of signal \(status & 0x7f)"
        print("seed \(world.seed): FAILED: no trap: the process \(cause)")
        print("  again with: \(world.command)")
        records.append(WorldRecord(world, isFailed: true))
        return trapped
    }
}
