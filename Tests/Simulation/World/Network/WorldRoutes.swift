package import MPushModel
package import MPushPlatform
package import NIOCore

/// What the kernel of a machine says of its network, and that it changes.
extension WorldHost: RoutingTable {
    package func watch(
        on eventLoop: any EventLoop, onChange: @escaping () -> Void
    ) throws(OSError) -> any NetworkWatch {
        if let watchRefusal { throw OSError(watchRefusal, "socket") }
        let watch = WorldNetworkWatch(of: self, on: eventLoop, onChange: onChange)
        watches.append(watch)
        return watch
    }

    package func route(to address: SocketAddress) -> RouteAnswer {
        guard let source = sourceAddress(for: address) else { return .none }
        guard !WorldNetwork.isLoopback(source) else {
            return .path(NetworkPath(source: source, link: 1, isLinkUp: true))
        }
        return .path(NetworkPath(source: source, link: 2, isLinkUp: isLinkUp))
    }

    package func network(to address: SocketAddress) -> String? {
        sourceAddress(for: address).map { "the network of \($0)" }
    }

    package func ownAddresses() -> Set<String>? { Set(addresses + ["127.0.0.1", "::1"]) }

    /// Says so to those who listen.
    func networkChanged() {
        for watch in watches { watch.ring() }
    }
}

/// A socket that can be read when the network has changed.
final class WorldNetworkWatch: NetworkWatch {
    private weak var host: WorldHost?
    private let eventLoop: any EventLoop
    private var onChange: (() -> Void)?
    private var isListening = true

    init(of host: WorldHost, on eventLoop: any EventLoop, onChange: @escaping () -> Void) {
        self.host = host
        self.eventLoop = eventLoop
        self.onChange = onChange
    }

    func ring() {
        guard isListening else { return }
        isListening = false
        host?.news += 1
        eventLoop._executeIsolatedUnsafeUnchecked { [weak self] in self?.onChange?() }
    }

    func listen() { isListening = true }

    func close() {
        onChange = nil
        host?.watches.removeAll { $0 === self }
    }
}
