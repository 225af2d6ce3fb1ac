/// One argument of a program, with placeholders. Whatever they stand for, it stays one argument and never becomes an
/// option.
package struct ArgumentTemplate: Equatable, Sendable {
    /// As it is written.
    package let source: String
}
