import NIOCore

/// A socket that accepts connections, or the place where there is to be one.
struct Listener {
    let address: SocketAddress
    /// Nil while connections are refused.
    var channel: (any Channel)?
}
