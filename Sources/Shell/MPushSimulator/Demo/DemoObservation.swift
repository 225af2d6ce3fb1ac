/// One thing that happened in a demo, on either side.
package enum DemoObservation: Equatable, Sendable {
    case server(SimulatorEvent)
    /// A line of mpushd's log.
    case log(DemoLogLine)
    /// A line that mpushd wrote to standard output: a message, as JSON.
    case message(String)
}
