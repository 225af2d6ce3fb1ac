import MPushConfiguration
package import MPushModel
package import MPushPlatform
import MPushWire
package import NIOCore
import NIOPosix

/// Makes one connection to a host, over TCP alone or through a proxy that leads there. Belongs to its event loop; used once.
package final class Connector {
    /// What a connector needs of its surroundings.
    package struct Environment {
        package let eventLoop: any EventLoop
        package let timer: LoopTimer
        package let lookup: NameLookup
        /// What names are looked up for.
        package let purpose: LookupPurpose

        package init(
            eventLoop: any EventLoop, timer: LoopTimer, lookup: NameLookup, purpose: LookupPurpose = .server
        ) {
            self.eventLoop = eventLoop
            self.timer = timer
            self.lookup = lookup
            self.purpose = purpose
        }

        /// What the connections are made with.
        var network: any Network { lookup.network }

        /// The same, but names are looked up by `lookup`.
        func with(lookup: NameLookup) -> Environment {
            Environment(eventLoop: eventLoop, timer: timer, lookup: lookup, purpose: purpose)
        }
    }

    /// How long each stage may take, and how long the peer's TCP may leave what was sent unacknowledged.
    package struct Limits {
        package var resolve: Duration
        package var connect: Duration
        package var userTimeout: Duration

        package init(resolve: Duration, connect: Duration, userTimeout: Duration) {
            self.resolve = resolve
            self.connect = connect
            self.userTimeout = userTimeout
        }
    }

    /// How far it has come, for people.
    package enum Stage: Equatable {
        case resolving
        case connecting
        case proxy
    }

    package typealias Completion = (Result<any Channel, ConnectFailure>) -> Void

    /// Why there is no connection.
    package struct ConnectFailure: Error {
        package let cause: LossCause
    }

    private let surroundings: Environment
    private let host: String
    private let port: UInt16
    private let limits: Limits
    private let usesOldAddresses: Bool
    /// The one that leads there; nil for none.
    private let proxy: LoadedProxy?
    private var completion: Completion?
    private var dialer: TCPDialer?
    private var channel: (any Channel)?
    private var owner: LoopTimer.Owner?
    /// What the way that was tried first came to, where there is a second.
    private var firstFailure: LossCause?
    private var hasTriedDirectly = false
    private var hasTriedProxy = false
    private var tunnel: ProxyTunnel?
    /// Called when `stage` has changed.
    package var onStage: () -> Void = {}

    /// - Parameters:
    ///   - proxy: what to lead through, where the host is none of its exceptions; nil for nothing.
    ///   - usesOldAddresses: whether those of an earlier lookup will do where no name server answers: only where
    ///     whoever is there then has to prove who it is.
    package init(
        to host: String, port: UInt16, limits: Limits, by proxy: LoadedProxy? = nil, usesOldAddresses: Bool = true,
        in surroundings: Environment, completion: @escaping Completion
    ) {
        self.surroundings = surroundings
        self.host = host
        self.port = port
        self.limits = limits
        self.proxy = proxy.flatMap { $0.leads(to: host, port: port) ? $0 : nil }
        self.usesOldAddresses = usesOldAddresses
        self.completion = completion
    }

    /// How far it has come, for people.
    package var stage: Stage {
        if tunnel != nil { return .proxy }
        return switch dialer?.stage {
        case .resolving, nil: .resolving
        case .connecting, .done: .connecting
        }
    }

    /// Begins. `completion` is called once, later, unless `cancel` comes before; the channel does not read yet, so that no
    /// byte is lost before its handlers are there. It may have been closed already.
    package func start() {
        guard let proxy else { return goDirectly() }
        if proxy.fallsBack, surroundings.lookup.isDirectFirst(proxy.url) { goDirectly() } else { goThrough(proxy) }
    }

    /// Gives up without a word.
    package func cancel() {
        completion = nil
        cleanUp()
    }

    // MARK: - The direct way

    private func goDirectly() {
        hasTriedDirectly = true
        dial(host, port, usesOldAddresses: usesOldAddresses) { [weak self] result in self?.directWayEnded(result) }
    }

    private func directWayEnded(_ result: Result<any Channel, ConnectFailure>) {
        switch result {
        case .success:
            if let proxy, hasTriedProxy { surroundings.lookup.directHelped(insteadOf: proxy.url) }
            finish(result)
        case .failure(let failure):
            guard let proxy, !hasTriedProxy, !failure.cause.isShortage else { return finish(result) }
            surroundings.lookup.forget(proxy.url)
            goThrough(proxy)
        }
    }

    private func dial(
        _ host: String, _ port: UInt16, usesOldAddresses: Bool, completion: @escaping Completion
    ) {
        let dialer = TCPDialer(
            to: host, port: port, limits: limits, usesOldAddresses: usesOldAddresses, in: surroundings,
            completion: completion)
        dialer.onStage = { [weak self] in self?.onStage() }
        self.dialer = dialer
        dialer.start()
    }

    // MARK: - Through the proxy

    private func goThrough(_ proxy: LoadedProxy) {
        hasTriedProxy = true
        // A password is not sent to whoever has an old address now.
        let usesOld = proxy.user == nil || proxy.url.scheme == .https
        let place = proxy.url.endpoint
        dial(place.host, place.port, usesOldAddresses: usesOld) { [weak self] result in
            switch result {
            case .success(let channel): self?.openTunnel(over: channel, proxy)
            case .failure(let failure) where failure.cause.isShortage: self?.finish(result)
            case .failure(let failure): self?.failed(.unreachable(detail: failure.cause.sentence), proxy)
            }
        }
    }

    private func openTunnel(over channel: any Channel, _ proxy: LoadedProxy) {
        guard completion != nil else { return channel.close(promise: nil) }
        self.channel = channel
        let timer = surroundings.timer
        let owner = timer.makeOwner { [weak self] _ in self?.timedOut(proxy) }
        self.owner = owner
        timer.set(timer.now + limits.connect, for: owner)
        let target = ProxyHandshake.Target(host: host, kind: HostSyntax.kind(of: host) ?? .name, port: port)
        let tunnel = ProxyTunnel(through: proxy, to: target, clock: timer.clock) { [weak self] failure in
            if let failure { self?.failed(failure, proxy) } else { self?.opened(channel) }
        }
        self.tunnel = tunnel
        channel.closeFuture.assumeIsolated().whenComplete { _ in tunnel.closed() }
        do {
            try ConnectionBuilder.begin(tunnel, on: channel, through: proxy, limit: limits.connect, timer: timer)
            onStage()
        } catch {
            failed(.failed(detail: "\(error)"), proxy)
        }
    }

    private func timedOut(_ proxy: LoadedProxy) {
        failed(.failed(detail: "no answer within \(limits.connect.humanReadable)"), proxy)
    }

    /// A turn later, so that nothing is put behind the tunnel while it hands bytes on.
    private func opened(_ channel: any Channel) {
        self.channel = nil
        cleanUp()
        surroundings.eventLoop.assumeIsolated().execute { [self] in
            guard completion != nil else { return channel.close(promise: nil) }
            finish(.success(channel))
        }
    }

    private func failed(_ failure: ProxyFailure, _ proxy: LoadedProxy) {
        guard completion != nil else { return }
        cleanUp()
        let cause = LossCause.proxy(proxy.url, failure)
        guard proxy.fallsBack, !hasTriedDirectly else {
            return finish(.failure(ConnectFailure(cause: cause)))
        }
        firstFailure = cause
        goDirectly()
    }

    private func finish(_ result: Result<any Channel, ConnectFailure>) {
        let completion = self.completion
        self.completion = nil
        cleanUp()
        switch (result, firstFailure) {
        case (.failure(let failure), let first?) where !failure.cause.isShortage:
            completion?(.failure(ConnectFailure(cause: first)))
        case (.success, _), (.failure, _): completion?(result)
        }
    }

    private func cleanUp() {
        if let owner { surroundings.timer.remove(owner) }
        owner = nil
        dialer?.cancel()
        dialer = nil
        // What the close of its channel means is known already.
        tunnel?.cancel()
        tunnel = nil
        channel?.close(promise: nil)
        channel = nil
    }
}

/// What the operating system said, in the words of people.
package enum ConnectFailureText {
    /// The words for an error of a channel.
    package static func text(for error: any Error) -> String {
        switch error {
        case let error as IOError: OSError.text(for: error.errnoCode)
        case ChannelError.connectTimeout: "no answer"
        default: "\(error)"
        }
    }
}

extension SocketAddress {
    /// `192.0.2.7:3443`, `[2001:db8::7]:3443`.
    package var humanReadable: String {
        guard let ipAddress, let port else { return "\(self)" }
        return `protocol` == .inet6 ? "[\(ipAddress)]:\(port)" : "\(ipAddress):\(port)"
    }
}
