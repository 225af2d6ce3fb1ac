/// How a process ended (waitpid(2)).
package enum DemoExit: Equatable, Sendable {
    case status(Int32)
    case signal(Int32)
}

extension DemoExit: CustomStringConvertible {
    package var description: String {
        switch self {
        case .status(let status): "exit status \(status)"
        case .signal(let number): "killed by signal \(number)"
        }
    }
}
