import MPushConfiguration
package import MPushModel
package import MPushPlatform
import MPushSupervision
package import NIOCore
import NIOPosix

/// Makes one TCP connection to an endpoint: the name is looked up, its addresses are raced, the first that connects wins.
/// The whole is bounded in time. Belongs to its event loop; used once.
package final class Connector {
    /// What a connector needs of its surroundings.
    package struct Environment {
        package let eventLoop: any EventLoop
        package let timer: LoopTimer
        package let lookup: NameLookup

        package init(eventLoop: any EventLoop, timer: LoopTimer, lookup: NameLookup) {
            self.eventLoop = eventLoop
            self.timer = timer
            self.lookup = lookup
        }

        /// What the connections are made with.
        var network: any Network { lookup.network }

        /// The same, but names are looked up by `lookup`.
        func with(lookup: NameLookup) -> Environment {
            Environment(eventLoop: eventLoop, timer: timer, lookup: lookup)
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
        case done
    }

    /// Addresses of a name beyond these are not tried.
    static let mostAddresses = 32

    package typealias Completion = (Result<any Channel, ConnectFailure>) -> Void

    /// Why there is no connection.
    package struct ConnectFailure: Error {
        package let cause: LossCause
    }

    private let surroundings: Environment
    private let host: String
    private let port: UInt16
    private let limits: Limits
    private var completion: Completion?
    private var race: AddressRace<SocketAddress>?
    private var failures: [String] = []
    private var isShort = false
    /// Those under way, by their numbers in the race.
    private var channels: [Int: any Channel] = [:]
    private var owner: LoopTimer.Owner?
    private var due = Instant.zero
    package private(set) var stage = Stage.resolving
    /// Hears that the name is looked up, and its addresses are tried.
    package var onStage: () -> Void = {}

    package init(
        to host: String, port: UInt16, limits: Limits, in surroundings: Environment, completion: @escaping Completion
    ) {
        self.surroundings = surroundings
        self.host = host
        self.port = port
        self.limits = limits
        self.completion = completion
    }

    /// Begins. `completion` is called once, later, unless `cancel` comes before; the channel does not read yet, so that no
    /// byte is lost before its handlers are there. It may have been closed already.
    package func start() {
        owner = surroundings.timer.makeOwner { [weak self] now in self?.deadlineReached(at: now) }
        due = surroundings.timer.now + limits.resolve
        rearm()
        surroundings.lookup.resolve(host, port: port) { [weak self] answer in self?.resolved(answer) }
    }

    /// Gives up without a word.
    package func cancel() {
        completion = nil
        cleanUp()
    }

    private func resolved(_ answer: Network.Addresses) {
        guard completion != nil, stage == .resolving else { return }
        switch answer {
        case .failure(let failure):
            finish(
                failure.isShortage
                    ? .shortage(detail: failure.detail) : .resolve(host: host, detail: failure.detail))
        case .success(let addresses):
            stage = .connecting
            let now = surroundings.timer.now
            due = now + limits.connect
            let firstFamily = addresses.first?.protocol
            var race = AddressRace(Array(addresses.prefix(Connector.mostAddresses))) { $0.protocol == firstFamily }
            let attempt = race.started(at: now)
            self.race = race
            begin(attempt)
            if stage == .connecting { onStage() }
        }
    }

    private func begin(_ attempt: AddressRace<SocketAddress>.Attempt?) {
        defer { rearm() }
        guard let attempt else { return checkWhetherLost() }
        surroundings.network.connect(
            to: attempt.address, timeout: limits.connect, userTimeout: limits.userTimeout,
            on: surroundings.eventLoop, onChannel: { [self] channel in channels[attempt.number] = channel }
        ).assumeIsolated().whenComplete { [self] result in attemptEnded(attempt, result) }
    }

    private func attemptEnded(
        _ attempt: AddressRace<SocketAddress>.Attempt, _ result: Result<any Channel, any Error>
    ) {
        channels[attempt.number] = nil
        let isAwaited = completion != nil && stage == .connecting
        switch result {
        case .success(let channel):
            guard isAwaited, race?.succeeded(attempt.number) == true else { return channel.close(promise: nil) }
            handOver(channel)
        case .failure(let error):
            guard isAwaited else { return }
            failures.append("\(attempt.address.humanReadable): \(ConnectFailureText.text(for: error))")
            if let error = error as? IOError, OSError.isShortage(error.errnoCode) { isShort = true }
            begin(race?.failed(attempt.number, at: surroundings.timer.now))
        }
    }

    /// One turn later: NIO keeps the promise of a connect before the channel is active, and never tells the handlers of a
    /// channel that is closed in between that it is inactive.
    func handOver(_ channel: any Channel) {
        stage = .done
        cleanUp()
        surroundings.eventLoop.assumeIsolated().execute { [self] in
            guard let completion else { return channel.close(promise: nil) }
            self.completion = nil
            completion(.success(channel))
        }
    }

    private func checkWhetherLost() {
        guard race?.hasFailed == true else { return }
        let detail = failures.joined(separator: "; ")
        finish(isShort ? .shortage(detail: detail) : .connect(detail: detail))
    }

    private func deadlineReached(at now: Instant) {
        if due <= now { return timedOut() }
        if let attempt = race?.deadlineReached(at: now) { begin(attempt) }
        rearm()
    }

    private func timedOut() {
        let cause: LossCause =
            stage == .resolving
            ? .resolve(host: host, detail: "no answer within \(limits.resolve.humanReadable)")
            : .connect(
                detail: (failures + ["no connection to \(host) within \(limits.connect.humanReadable)"])
                    .joined(separator: "; "))
        finish(cause)
    }

    private func rearm() {
        guard let owner, completion != nil else { return }
        surroundings.timer.set([due, race?.nextDeadline].compactMap(\.self).min(), for: owner)
    }

    private func finish(_ cause: LossCause) {
        let completion = self.completion
        self.completion = nil
        stage = .done
        cleanUp()
        completion?(.failure(ConnectFailure(cause: cause)))
    }

    /// Gives back the timer, and closes what did not connect, or not first.
    private func cleanUp() {
        if let owner { surroundings.timer.remove(owner) }
        owner = nil
        let losers = channels.values
        channels = [:]
        for channel in losers { channel.close(promise: nil) }
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
