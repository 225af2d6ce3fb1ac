/// How a program ended.
enum ProgramEnd: Equatable, Sendable {
    case exited(status: Int)
    /// By a signal that was not ours.
    case killed(signal: Int)
    /// Its time was over, and its whole process group was ended.
    case timedOut
    /// It was told to end before its time.
    case stopped
    /// It never ran: an errno(3), and what could not be done.
    case notStarted(number: CInt, Step)

    /// What could not be done.
    enum Step: Equatable, Sendable {
        /// A pipe, a thread, a process: the machine's resources.
        case prepare
        /// The working directory.
        case directory
        /// The program itself.
        case execute
    }
}
