import Glibc

/// The two ends of a pipe (pipe(2)), neither of which a child process inherits.
struct Pipe {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws(ProgramFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .noResources("pipe", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    func closeWriteEnd() {
        close(writeEnd)
    }
}
