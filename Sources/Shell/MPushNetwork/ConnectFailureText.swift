import MPushPlatform
import NIOCore

/// What the operating system said, in the words of people.
package enum ConnectFailureText {
    /// The words for an error of a channel.
    package static func words(for error: any Error) -> String {
        switch error {
        case let error as IOError: OSError.words(for: error.errnoCode)
        case ChannelError.connectTimeout: "no answer"
        default: "\(error)"
        }
    }
}

extension SocketAddress {
    /// `192.0.2.7:3443`, `[2001:db8::7]:3443`.
    package var spoken: String {
        guard let ipAddress, let port else { return "\(self)" }
        return `protocol` == .inet6 ? "[\(ipAddress)]:\(port)" : "\(ipAddress):\(port)"
    }
}
