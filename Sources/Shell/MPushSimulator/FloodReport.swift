/// What came of a flood of pushes.
package struct FloodReport: Equatable, Sendable {
    /// Handed to the socket.
    package var sent = 0
    package var acknowledged = 0
    /// From the first push until all were written and, where acks were asked for, acknowledged.
    package var elapsed: Duration = .zero
    /// False where the connection was lost before the end.
    package var isComplete = false

    package init() {}
}
