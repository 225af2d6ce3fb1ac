/// Why the local API cannot listen, in words, with the path and what to do.
package struct ListeningError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
