package import NIOCore

/// Runs programs, and says how they ended. Belongs to an event loop, which never waits for one.
package protocol ProgramStarter: AnyObject {
    /// Starts a program; `done` is called once, later.
    func start(_ launch: ProgramLaunch, done: @escaping (ProgramEnd) -> Void) -> ProgramHandle

    /// Starts a program that is talked to until it ends. Its standard input stays open, for `write`, until it is stopped;
    /// `heard` has what it writes to standard output, piece by piece, and all of it before `done` is called. What it writes
    /// to standard error alone are the lines of the launch.
    func converse(
        _ launch: ProgramLaunch, heard: @escaping (ByteBuffer) -> Void, done: @escaping (ProgramEnd) -> Void
    ) -> ProgramHandle

    /// Has `bytes`, which end with a line, written to the standard input of a program that is talked to, after what was
    /// written before. Whoever writes bounds how much waits for a program that does not read.
    func write(_ bytes: ByteBuffer, to handle: ProgramHandle)

    /// Has the program end: by itself within the starter's patience, else with its process group. One that is talked to
    /// finds the end of its input, behind the line that is being written. Its end is told as of any.
    func stop(_ handle: ProgramHandle)

    /// Kills what programs left behind. To be called when the last one has ended.
    func close()
}

/// A program that was started and whose end was not told yet.
package struct ProgramHandle: Hashable, Sendable {
    package let number: UInt64

    package init(number: UInt64) {
        self.number = number
    }
}

/// What a program is started with, and told.
package struct ProgramLaunch: Sendable {
    /// Absolute: PATH is not searched.
    package let path: String
    /// Behind the name, which is `path`. Without NUL.
    package let arguments: [[UInt8]]
    /// `NAME=value`, all that there is. Without NUL.
    package let environment: [String]
    /// Where it is started.
    package let directory: String
    /// On its standard input, whether it reads it or not.
    package internal(set) var input: ByteBuffer
    /// As long as the machine is awake: a program that slept with it had no time.
    package let timeLimit: Duration
    /// Hears the lines that it writes to standard output and error, on a thread of the runner.
    package let onLine: @Sendable (String) -> Void
    /// Hears, on a thread of the runner, that the program has ended well before processes that it left in its group, and that
    /// they were told to end.
    package var onLeftBehind: @Sendable () -> Void
    /// Whether it is talked to.
    var isConversation = false

    package init(
        path: String, arguments: [[UInt8]], environment: [String], directory: String, input: ByteBuffer,
        timeLimit: Duration, onLine: @escaping @Sendable (String) -> Void,
        onLeftBehind: @escaping @Sendable () -> Void = {}
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.input = input
        self.timeLimit = timeLimit
        self.onLine = onLine
        self.onLeftBehind = onLeftBehind
    }
}

/// How a program ended.
package enum ProgramEnd: Equatable, Sendable {
    case exited(status: Int)
    /// By a signal that was not ours.
    case killed(signal: Int)
    /// Its time was over, and its whole process group was ended.
    case timedOut
    /// It was to end before its time, and a signal ended it: ours, or another's while it had time to end by itself.
    case stopped
    /// It was told to end before it was started.
    case withdrawn
    /// It never ran: an errno(3), and what could not be done.
    case notStarted(number: CInt, Step)

    /// What could not be done.
    package enum Step: Equatable, Sendable {
        /// A pipe, a thread, a process: the machine's resources.
        case prepare
        /// The working directory.
        case directory
        /// The program itself.
        case execute
    }
}
