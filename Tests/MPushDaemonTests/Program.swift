import MPushTestSupport

/// The built mpushd, run to its end.
enum Program {
    static func run(_ arguments: String...) throws -> BuiltProgram.Outcome {
        try BuiltProgram.run("mpushd", arguments)
    }
}
