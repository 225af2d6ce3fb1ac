/// A line that is no command, in words for whoever typed it.
package struct CommandError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
