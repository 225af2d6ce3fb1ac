/// How a stream of lines ended.
struct StreamOutcome: Equatable {
    /// Why the daemon ended it; nil where it was cut.
    let reason: String?
    /// Whether anything came.
    let hadLines: Bool
}

extension ControlFailure {
    /// Whether it may be over soon.
    var isPassing: Bool {
        switch self {
        case .notThere, .timedOut, .cutOff: true
        case .problem: status == 75
        case .notPermitted, .notUnderstood, .usage, .system, .readerGone: false
        }
    }
}
