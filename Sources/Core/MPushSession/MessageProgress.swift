/// How far a received message has come on its way to a program.
package enum MessageProgress: Equatable, Sendable {
    /// It will not be lost any more.
    case stored
    /// The program that it is for has confirmed it; it is stored as well.
    case consumed
}
