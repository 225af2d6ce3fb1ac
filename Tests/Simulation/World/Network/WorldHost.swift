import Glibc
package import MPushModel
package import MPushPlatform
import MPushSimulator
package import NIOCore

/// A machine on a network of a world, as the programs see it that run there: names and TCP. What happens to machines
/// happens here.
package final class WorldHost: @unchecked Sendable {
    package let name: String
    package let network: WorldNetwork
    /// The loop of the program that runs now.
    package private(set) var loop: WorldLoop
    package private(set) var addresses: [String]
    /// What its resolver says.
    package var names = WorldNames()
    /// Whether it is on; what is sent to a machine that is off, or asleep, is lost.
    package private(set) var isUp = true
    private var sleepsSince: Int64?
    /// Whether its links come up anew when it wakes, of which its kernel tells.
    package var linksWakeAnew = true
    /// Whether there is a way out of it: else who connects is told so at once (ENETUNREACH).
    package var hasRoute = true { didSet { if hasRoute != oldValue { networkChanged() } } }
    /// What the driver of its link says of the cable; what is sent goes out all the same, and nobody is told.
    package var isLinkUp = true
    /// Who hears of it when the network changes, in the order in which they began.
    var watches: [WorldNetworkWatch] = []
    /// How often somebody was woken for that.
    package var news = 0
    /// A number of errno(3) where nobody may hear of it.
    package var watchRefusal: CInt?
    /// Asked before each socket is made: a number of errno(3) where there is none to be had.
    package var shortage: (() -> CInt?)?
    /// How much a socket keeps that was not sent, and that was not read.
    package var sendBuffer = 96 * 1024
    package var receiveBuffer = 96 * 1024

    /// The most connections at once that its programs had begun and not closed.
    package private(set) var mostChannels = 0
    private var channels = 0
    /// The most connections that were begun within a minute of the clock.
    package private(set) var busiestMinute = 0
    private var minute: (number: Int64, connects: Int) = (0, 0)
    /// All that were begun.
    package private(set) var connects = 0

    private var sockets: [UInt64: TCPSocket] = [:]
    private var lastSocket: UInt64 = 0
    private var listeners: [WorldListener] = []
    private var lastPort: Int

    init(_ name: String, addresses: [String], loop: WorldLoop, network: WorldNetwork) {
        self.name = name
        self.addresses = addresses
        self.loop = loop
        self.network = network
        lastPort = 32_768 + network.random.below(20_000)
    }

    // MARK: - What happens to machines

    /// The program dies, and its machine resets its connections. Another one may run on `next`.
    package func crashProcess(next: WorldLoop? = nil) {
        for socket in socketsInOrder { socket.abort() }
        endProcess(next)
    }

    /// The machine is off at once. Those who speak with it hear nothing.
    package func powerOff() {
        isUp = false
        for socket in socketsInOrder { socket.vanish() }
        endProcess(nil)
    }

    /// The machine is on again, with a program that runs on `loop`.
    package func powerOn(loop: WorldLoop) {
        isUp = true
        sleepsSince = nil
        self.loop = loop
        channels = 0
    }

    private func endProcess(_ next: WorldLoop?) {
        loop.kill()
        channels = 0
        for listener in listeners { listener.vanish() }
        listeners = []
        watches = []
        if let next { loop = next }
    }

    /// The machine sleeps from now on: no packet reaches it, and no timer of its connections runs.
    func sleep() {
        if sleepsSince == nil { sleepsSince = network.scheduler.now }
    }

    func wake() {
        guard let since = sleepsSince else { return }
        sleepsSince = nil
        for socket in socketsInOrder { socket.woke(after: network.scheduler.now - since) }
        if linksWakeAnew { networkChanged() }
    }

    /// One of its addresses is another one from now on; what has the old one goes nowhere.
    package func changeAddress(_ old: String, to new: String) {
        let (old, new) = (WorldNetwork.canonical(old), WorldNetwork.canonical(new))
        guard let index = addresses.firstIndex(of: old) else { return }
        addresses[index] = new
        network.setOwner(nil, of: old)
        network.setOwner(self, of: new)
        networkChanged()
    }

    /// It has one more address, which is preferred from now on: another link is up.
    package func addAddress(_ address: String) {
        let address = WorldNetwork.canonical(address)
        addresses.removeAll { $0 == address }
        addresses.insert(address, at: 0)
        network.setOwner(self, of: address)
        networkChanged()
    }

    /// Its machine forgets all connections, and says so to nobody: each peer is left with half of one.
    package func forgetConnections() {
        for socket in socketsInOrder { socket.vanish() }
    }

    /// Resets all connections.
    package func resetConnections() {
        for socket in socketsInOrder { socket.reset() }
    }

    /// How many sockets there are, with those that listen.
    package var socketCount: Int { sockets.count + listeners.count }

    // MARK: - Packets

    func canSend(from address: String) -> Bool {
        isUp && sleepsSince == nil && (WorldNetwork.isLoopback(address) || (hasRoute && addresses.contains(address)))
    }

    var canReceive: Bool { isUp && sleepsSince == nil }

    private var socketsInOrder: [TCPSocket] {
        sockets.sorted { $0.key < $1.key }.map(\.value)
    }

    func add(_ socket: TCPSocket) -> UInt64 {
        lastSocket += 1
        sockets[lastSocket] = socket
        return lastSocket
    }

    func remove(_ number: UInt64) {
        sockets[number] = nil
    }

    /// Who listens for what somebody opens to `address`; nil for nobody.
    func listener(at address: SocketAddress) -> WorldListener? {
        listeners.first { $0.listens(at: address) }
    }

    func remove(_ listener: WorldListener) {
        listeners.removeAll { $0 === listener }
    }

    private func freePort() -> Int {
        lastPort = lastPort >= 60_999 ? 32_768 : lastPort + 1
        return lastPort
    }

    /// The address from which `remote` is reached; nil for none of its family.
    private func localAddress(for remote: SocketAddress) -> SocketAddress? {
        sourceAddress(for: remote).flatMap { try? SocketAddress(ipAddress: $0, port: freePort()) }
    }

    private func countConnect() {
        connects += 1
        let now = network.scheduler.now / 60_000_000_000
        if now != minute.number { minute = (now, 0) }
        minute.connects += 1
        busiestMinute = max(busiestMinute, minute.connects)
    }

    func sourceAddress(for remote: SocketAddress) -> String? {
        guard let ip = remote.ipAddress else { return nil }
        if WorldNetwork.isLoopback(ip) { return ip }
        let isV6 = remote.protocol == .inet6
        return hasRoute ? addresses.first { $0.contains(":") == isV6 } : nil
    }
}

// MARK: - As programs see it

extension WorldHost: Network {
    package func resolve(
        _ host: String, port: UInt16, _ family: AddressFamily, on eventLoop: any EventLoop,
        done: @escaping (Addresses) -> Void
    ) throws(OSError) {
        if let number = names.shortage?() { throw OSError(number, "pthread_create") }
        let (answer, delay) = names.lookUp(host, port: port, family)
        eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(WorldTime.nanoseconds(delay))) { done(answer) }
    }

    package func connect(
        to address: SocketAddress, timeout: Duration, userTimeout: Duration, on eventLoop: any EventLoop,
        onChannel: @escaping (any Channel) -> Void
    ) -> EventLoopFuture<any Channel> {
        countConnect()
        if let number = shortage?() {
            return eventLoop.makeFailedFuture(IOError(errnoCode: number, reason: "socket"))
        }
        let channel = WorldChannel(on: eventLoop, network: network)
        channel.isAutoRead = false
        onChannel(channel)
        channel.register0(promise: nil)
        let promise = eventLoop.makePromise(of: (any Channel).self)
        guard channel.isOpen else { return eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        guard let local = localAddress(for: address) else {
            let error = IOError(errnoCode: ENETUNREACH, reason: "connect")
            channel.close0(error: error, mode: .all, promise: nil)
            promise.fail(error)
            return promise.futureResult
        }
        let conversation = Conversation(from: self, local: local, to: address, network: network)
        let socket = TCPSocket(of: self, in: conversation, isOpener: true)
        channels += 1
        mostChannels = max(mostChannels, channels)
        channel.closeFuture.assumeIsolated().whenComplete { [self, program = loop] _ in
            if program === loop { channels -= 1 }
        }
        socket.userTimeout = WorldTime.nanoseconds(userTimeout)
        conversation.opening = socket
        channel.connect(socket, timeout: timeout, promise: promise)
        return promise.futureResult
    }
}

extension WorldHost: SimulatorNetwork {
    /// Listens at an address of this machine, or at all of them (`0.0.0.0`, `::`); port 0 is a free one.
    package func listen(
        at address: SocketAddress, on loop: any EventLoop,
        prepare: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        var address = address
        if let number = shortage?() {
            return loop.makeFailedFuture(IOError(errnoCode: number, reason: "socket"))
        }
        if address.port == 0 { address.port = freePort() }
        guard !listeners.contains(where: { $0.address == address }) else {
            return loop.makeFailedFuture(IOError(errnoCode: EADDRINUSE, reason: "bind"))
        }
        let listener = WorldListener(at: address, of: self, on: loop, prepare: prepare)
        listeners.append(listener)
        return loop.makeSucceededFuture(listener)
    }
}
