import Glibc
import MPushModel
import MPushPlatform
import NIOConcurrencyHelpers
import NIOCore

/// This machine's network, short of threads to look names up with, until it is not any more.
final class ShortNetwork: NameReplacingNetwork {
    let network: any Network
    private let short = NIOLockedValueBox(true)

    init(_ network: any Network) {
        self.network = network
    }

    var isShort: Bool {
        get { short.withLockedValue { $0 } }
        set { short.withLockedValue { $0 = newValue } }
    }

    func resolve(
        _ host: String, port: UInt16, _ family: AddressFamily, on eventLoop: any EventLoop,
        done: @escaping (Addresses) -> Void
    ) throws(OSError) {
        guard !isShort else { throw OSError(EAGAIN, "pthread_create") }
        try network.resolve(host, port: port, family, on: eventLoop, done: done)
    }
}
