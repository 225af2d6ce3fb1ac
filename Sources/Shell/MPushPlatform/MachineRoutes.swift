import CLinux
import Glibc
package import MPushModel
package import NIOCore

/// Links, addresses and routes of a machine: what the kernel knows, and that it changes.
package protocol RoutingTable: Sendable {
    /// Calls `onChange` on `eventLoop`, where this has to be called, when links, addresses or routes may have changed: once,
    /// until `listen` is called again. Throws `OSError` where nobody says (a sandbox without AF_NETLINK).
    func watch(on eventLoop: any EventLoop, onChange: @escaping () -> Void) throws(OSError) -> any NetworkWatch
    /// How packets to `address` leave this machine now. Nothing is sent.
    func route(to address: SocketAddress) -> RouteAnswer
    /// What the network is called by which packets to `address` leave: its prefix and its router, `192.0.2.0/24 via
    /// 192.0.2.1`; nil where nobody says.
    func network(to address: SocketAddress) -> String?
    /// The machine's own addresses, as inet_ntop(3) writes them; nil where nobody says.
    func ownAddresses() -> Set<String>?
}

/// What hears of changes. Belongs to its event loop.
package protocol NetworkWatch: AnyObject {
    /// What was said will be looked at now: the next change is said again.
    func listen()
    func close()
}

/// What the kernel of this machine says.
package struct MachineRoutes: RoutingTable {
    package init() {}

    package func watch(
        on eventLoop: any EventLoop, onChange: @escaping () -> Void
    ) throws(OSError) -> any NetworkWatch {
        try KernelNetworkWatch(on: eventLoop, onChange: onChange)
    }

    package func route(to address: SocketAddress) -> RouteAnswer {
        // One of a link alone is the same address on each.
        guard let text = address.ipAddress, !text.hasPrefix("fe80:") else { return .unknown }
        var route = clinux_route()
        var source = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        switch clinux_route_to(text, &route, &source, socklen_t(source.count)) {
        case 0:
            let source = String(decoding: source.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return .path(NetworkPath(source: source, link: route.link, isLinkUp: route.is_link_up != 0))
        case ENETUNREACH, EHOSTUNREACH: return .none
        default: return .unknown
        }
    }

    package func network(to address: SocketAddress) -> String? {
        guard let text = address.ipAddress else { return nil }
        var name = [CChar](repeating: 0, count: 128)
        guard clinux_network_to(text, &name, name.count) == 0 else { return nil }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package func ownAddresses() -> Set<String>? {
        guard let devices = try? System.enumerateDevices() else { return nil }
        return Set(devices.compactMap { $0.address?.ipAddress })
    }
}

/// A socket of the kernel's that can be read when something has changed. What it says is not looked at: whoever wants to know
/// asks for what they need, so that nothing that was lost in between matters.
private final class KernelNetworkWatch: NetworkWatch {
    /// More parts of a change than these are not read away at once.
    private static let mostParts = 10_000

    private let descriptor: CInt
    private var channel: (any Channel)?

    init(on eventLoop: any EventLoop, onChange: @escaping () -> Void) throws(OSError) {
        var descriptor: CInt = -1
        let number = clinux_network_watch(&descriptor)
        guard number == 0 else { throw OSError(number, "socket") }
        self.descriptor = descriptor
        channel = try DescriptorReader.register(descriptor, on: eventLoop) { [weak self] _ in
            guard self?.pause() == true else { return }
            onChange()
        }
    }

    private var isListening = true

    /// A change comes in many parts, each of which would wake us. False where that is done already.
    private func pause() -> Bool {
        guard isListening, let channel else { return false }
        isListening = false
        channel.setOption(.autoRead, value: false).assumeIsolated().whenFailure { _ in }
        return true
    }

    func listen() {
        guard !isListening, let channel, channel.isActive else { return }
        isListening = true
        drain()
        channel.setOption(.autoRead, value: true).assumeIsolated().whenFailure { _ in }
    }

    /// The parts of a change that came while nobody listened do not wake us once more.
    private func drain() {
        var part: UInt8 = 0
        for _ in 0..<KernelNetworkWatch.mostParts {
            guard recv(descriptor, &part, 1, CInt(MSG_DONTWAIT)) >= 0 || errno == EINTR else { return }
        }
    }

    func close() {
        channel?.close(promise: nil)
        channel = nil
    }
}
