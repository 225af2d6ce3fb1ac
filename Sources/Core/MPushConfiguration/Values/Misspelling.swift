/// Why a text does not spell the value that is wanted.
package struct Misspelling: Error, Hashable, Sendable {
    /// What follows the quoted text in an error message: `is not a duration. Write 300s or 5m`.
    package let message: String

    /// A reason that reads on from the quoted text.
    package init(_ message: String) {
        self.message = message
    }
}
