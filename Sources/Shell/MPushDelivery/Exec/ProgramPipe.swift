import CLinux
import Glibc
import MPushPlatform

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
