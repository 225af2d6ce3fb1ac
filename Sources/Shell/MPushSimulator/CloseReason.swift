/// Why a connection to the simulator ended, seen from the simulator.
package enum CloseReason: Equatable, Sendable {
    /// The client closed it.
    case byClient
    /// The client reset it, or closed it without having read all.
    case resetByClient
    /// The server closed it after an ERROR.
    case refusal
    /// Three reads were missed in a row.
    case missedReads
    /// A frame longer than the server takes.
    case oversize
    /// A fault that somebody asked for.
    case fault
    /// The simulator was shut down.
    case shutdown
    /// TLS or the network failed, in the words of the system.
    case failure(String)
}

extension CloseReason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .byClient: "by the client"
        case .resetByClient: "reset by the client"
        case .refusal: "after the error"
        case .missedReads: "three missed reads"
        case .oversize: "oversize frame"
        case .fault: "as asked"
        case .shutdown: "shutdown"
        case .failure(let words): words
        }
    }
}
