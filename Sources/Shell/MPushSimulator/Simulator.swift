package import MPushCipher
package import MPushPlatform
import MPushTLS
package import MPushWire
package import NIOCore

/// A simulated MPush server: handshake, resume, bind, heartbeats, pushes with their acks, and every fault that a client
/// must withstand. It lives on one event loop, which the caller owns; everything here may be called from anywhere.
package final class Simulator: Sendable {
    package let loop: any EventLoop
    /// What clients encrypt their HANDSHAKE with.
    package let publicKey: RSAPublicKey
    let core: NIOLoopBoundBox<SimulatorCore>

    /// A simulator that does not listen yet.
    package init(
        _ configuration: SimulatorConfiguration, clock: any ClockSource, on loop: any EventLoop
    ) throws(SimulatorError) {
        let privateKey = try Self.key(configuration)
        self.loop = loop
        publicKey = privateKey.publicKey
        core = NIOLoopBoundBox.makeBoxSendingValue(
            SimulatorCore(
                configuration, privateKey: privateKey, tls: try Self.context(configuration), clock: clock, on: loop),
            eventLoop: loop)
    }

    private static func key(_ configuration: SimulatorConfiguration) throws(SimulatorError) -> RSAPrivateKey {
        if let key = configuration.privateKey { return key }
        do throws(CipherError) {
            return try RSAPrivateKey.generate(bits: configuration.keyBits)
        } catch {
            throw .noKey(error.description)
        }
    }

    private static func context(_ configuration: SimulatorConfiguration) throws(SimulatorError) -> TLSContext? {
        guard case .tls(let settings) = configuration.transport else { return nil }
        do throws(TLSConfigurationError) {
            return try TLSContext(server: settings)
        } catch {
            throw .badTLSSettings(error.description)
        }
    }

    /// Listens at `host`, a numeric address, and `port`; 0 lets the kernel choose. May be called several times. The
    /// future fails with what the system says.
    package func listen(host: String = "127.0.0.1", port: Int = 0) -> EventLoopFuture<SocketAddress> {
        onLoop { core in
            do {
                return core.listen(at: try SocketAddress(ipAddress: host, port: port))
            } catch {
                return core.loop.makeFailedFuture(error)
            }
        }
    }

    /// Closes all sockets. Who still waits for an event gets `SimulatorError.shutDown`.
    package func shutDown() -> EventLoopFuture<Void> {
        onLoop { $0.shutDown() }
    }

    /// Does `fault` to the connections that `target` names, or plans it for them.
    package func inject(_ fault: SimulatorFault, into target: FaultTarget = .everyone) -> EventLoopFuture<Void> {
        onLoop { core in
            core.inject(fault, into: target)
            return core.loop.makeSucceededVoidFuture()
        }
    }

    /// Gives up `fault`, planned and lasting, whatever its figures; all faults for nil. The future fails where the
    /// simulator cannot listen again.
    package func lift(_ fault: SimulatorFault? = nil) -> EventLoopFuture<Void> {
        onLoop { $0.lift(fault) }
    }

    /// What happened so far.
    package func statistics() -> EventLoopFuture<SimulatorStatistics> {
        onLoop { $0.loop.makeSucceededFuture($0.registry.statistics) }
    }

    /// The connections that are there, the oldest first.
    package func connections() -> EventLoopFuture<[ConnectionSummary]> {
        onLoop { core in
            core.loop.makeSucceededFuture(core.connectionsInOrder.map(\.summary))
        }
    }

    /// Changes the settings; heartbeats and limits hold for sessions and connections that begin after it.
    package func configure(_ change: @escaping @Sendable (inout SimulatedServerSettings) -> Void) -> EventLoopFuture<
        Void
    > {
        onLoop { core in
            change(&core.registry.settings)
            return core.loop.makeSucceededVoidFuture()
        }
    }

    func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (SimulatorCore) -> EventLoopFuture<Value>
    ) -> EventLoopFuture<Value> {
        loop.flatSubmit { body(self.core.value) }
    }
}

extension ServerConnection {
    /// What `list` shows.
    fileprivate var summary: ConnectionSummary {
        ConnectionSummary(
            id: session.id, peer: context?.remoteAddress?.hostAndPort ?? "?", device: session.deviceID,
            user: session.user, tags: session.tags, pendingAcks: pending.count)
    }
}

extension Simulator {
    /// Pushes `content` to every connection of `user`. The future has a report for each, when its ACK came or the
    /// deadline (nil: the simulator's) is over; an empty list says that the user is offline.
    package func push(
        _ content: ByteBuffer, to user: String, flags: PacketFlags = .autoAck, deadline: Duration? = nil
    ) -> EventLoopFuture<[PushReport]> {
        onLoop { $0.push(content, to: user, flags: flags, deadline: deadline) }
    }

    /// Pushes `content` to every connection whose BIND named one of `tags`.
    package func broadcast(
        _ content: ByteBuffer, tags: Set<String>, flags: PacketFlags = .autoAck, deadline: Duration? = nil
    ) -> EventLoopFuture<[PushReport]> {
        onLoop { $0.broadcast(content, tags: tags, flags: flags, deadline: deadline) }
    }

    /// Pushes `content` `count` times over the oldest connection of `user`, each encrypted anew, as fast as the socket
    /// takes them. The future is done when all were written and, with an ack flag, acknowledged; or with the connection.
    /// No event is recorded for each.
    package func flood(
        _ content: ByteBuffer, to user: String, count: Int, flags: PacketFlags = .autoAck
    ) -> EventLoopFuture<FloodReport> {
        onLoop { $0.flood(content, to: user, count: count, flags: flags) }
    }
}

extension Simulator {
    /// The first event after number `after` that matches: one of the latest thousands, or one to come. Fails with
    /// `SimulatorError.shutDown` when none can come any more.
    package func event(
        after number: Int = 0, matching matches: @escaping @Sendable (SimulatorEvent) -> Bool
    ) -> EventLoopFuture<SimulatorEvent> {
        onLoop { core in
            let promise = core.loop.makePromise(of: SimulatorEvent.self)
            core.log.wait(after: number, promise: promise, matching: matches)
            return promise.futureResult
        }
    }

    /// How many events there were: to wait only for those to come.
    package func eventCount() -> EventLoopFuture<Int> {
        onLoop { $0.loop.makeSucceededFuture($0.log.count) }
    }

    /// Calls `observer` for each event from now on, on the simulator's loop. One at a time; nil for none.
    package func observe(_ observer: (@Sendable (SimulatorEvent) -> Void)?) -> EventLoopFuture<Void> {
        onLoop { core in
            core.log.observer = observer
            return core.loop.makeSucceededVoidFuture()
        }
    }
}

/// One connection, as `list` shows it.
package struct ConnectionSummary: Equatable, Sendable {
    package let id: ConnectionID
    package let peer: String
    /// Empty before the handshake.
    package let device: String
    /// Nil where nobody is bound.
    package let user: String?
    package let tags: String
    package let pendingAcks: Int
}
