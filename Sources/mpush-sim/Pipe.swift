import CLinux
import Glibc

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
