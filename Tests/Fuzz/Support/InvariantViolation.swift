/// Something that must never happen, whatever the input: a bug of ours that fuzzing found.
package struct InvariantViolation: Error, Equatable, CustomStringConvertible {
    /// What happened.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Throws a violation where `condition` does not hold.
func require(_ condition: Bool, _ description: @autoclosure () -> String) throws(InvariantViolation) {
    if !condition { throw InvariantViolation(description()) }
}
