package import MPushRouting

/// A program as a route's target: no shell, the content on standard input.
package struct ExecSettings: Equatable, Sendable {
    /// An absolute path.
    package let program: String
    package let arguments: [ArgumentTemplate]
    /// The whole process group is killed after it.
    package let timeLimit: Duration
    /// The working directory; nil for `/`.
    package let directory: String?

    package init(
        program: String, arguments: [ArgumentTemplate], timeLimit: Duration = .seconds(30), directory: String? = nil
    ) {
        self.program = program
        self.arguments = arguments
        self.timeLimit = timeLimit
        self.directory = directory
    }
}
