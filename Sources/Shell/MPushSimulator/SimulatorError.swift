import Glibc
import NIOCore

/// Why a simulator could not do what it was asked for.
package enum SimulatorError: Error, Equatable, Sendable {
    /// Settings for TLS that nothing can be made of, in OpenSSL's words.
    case badTLSSettings(String)
    /// No key could be made.
    case noKey(String)
    /// More pushes await their ACK than are kept.
    case tooManyPushes(maximum: Int)
    /// A push that cannot be encrypted, or is longer than a frame.
    case badPush(String)
    /// The connection is gone, or has no session yet.
    case notOpen(ConnectionID)
    /// The user is bound nowhere.
    case offline(user: String)
    /// A flood is under way on the connection.
    case busy(ConnectionID)
    /// The simulator, or the event that was waited for, is over.
    case shutDown
}

extension SimulatorError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badTLSSettings(let words): words
        case .noKey(let words): "no key: \(words)"
        case .tooManyPushes(let maximum): "\(maximum) pushes await their ACK already"
        case .badPush(let words): "the push cannot be sent: \(words)"
        case .notOpen(let id): "connection \(id) has no session"
        case .offline(let user): "\(user) is not bound"
        case .busy(let id): "connection \(id) is being flooded already"
        case .shutDown: "the simulator is shut down"
        }
    }
}

/// What the system says about an error (strerror(3)), without the name of the call.
package enum SystemErrorText {
    /// The words for `error`, be it NIO's or another.
    package static func describe(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return String(cString: strerror(error.errnoCode))
    }
}
