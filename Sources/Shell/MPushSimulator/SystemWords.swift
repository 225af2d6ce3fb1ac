import Glibc
import NIOCore

/// What the system says about an error (strerror(3)), without the name of the call.
package enum SystemWords {
    /// The words for `error`, be it NIO's or another.
    package static func describe(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return String(cString: strerror(error.errnoCode))
    }
}
