import NIOCore

/// What a program is started with, and told.
struct ProgramLaunch: Sendable {
    /// Absolute: PATH is not searched.
    let path: String
    /// Behind the name, which is `path`. Without NUL.
    let arguments: [[UInt8]]
    /// `NAME=value`, all that there is. Without NUL.
    let environment: [String]
    /// Where it is started.
    let directory: String
    /// On its standard input, whether it reads it or not.
    let input: ByteBuffer
    /// As long as the machine is awake: a program that slept with it had no time.
    let timeLimit: Duration
    /// Hears the lines that it writes to standard output and error, on a thread of the runner.
    let onLine: @Sendable (String) -> Void
}
