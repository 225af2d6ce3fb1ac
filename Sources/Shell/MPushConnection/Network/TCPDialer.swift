import MPushModel
import MPushPlatform
import MPushSupervision
import NIOCore
import NIOPosix

/// Makes one TCP connection: the name is looked up, its addresses are raced, the first that connects wins. The whole is
/// bounded in time. Belongs to its event loop; used once.
final class TCPDialer {
    typealias Environment = Connector.Environment
    typealias Limits = Connector.Limits

    /// How far it has come.
    enum Stage: Equatable {
        case resolving
        case connecting
        case done
    }

    /// How long the other family's addresses are waited for once all that were found have failed.
    private static let patienceForRest = Duration.seconds(1)

    private let surroundings: Environment
    private let host: String
    private let port: UInt16
    private let limits: Limits
    private var completion: Connector.Completion?
    private let usesOldAddresses: Bool
    private var race = AddressRace<SocketAddress>()
    private var failures: [String] = []
    private var isShort = false
    private var hasTriedV4 = false
    /// Those under way, by their numbers in the race.
    private var channels: [Int: any Channel] = [:]
    private var request: NameLookup.Request?
    /// What the lookup came to; nil while it may give more addresses.
    private var lookupEnd: LookupEnd?
    private var owner: LoopTimer.Owner?
    private var due = Instant.zero
    private(set) var stage = Stage.resolving
    /// Hears that the name is looked up, and its addresses are tried.
    var onStage: () -> Void = {}

    private struct LookupEnd {
        let failure: LookupFailure?
    }

    /// - Parameter usesOldAddresses: whether those of an earlier lookup will do where no name server answers: only where
    ///   whoever is there then has to prove who it is.
    init(
        to host: String, port: UInt16, limits: Limits, usesOldAddresses: Bool = true, in surroundings: Environment,
        completion: @escaping Connector.Completion
    ) {
        self.surroundings = surroundings
        self.usesOldAddresses = usesOldAddresses
        self.host = host
        self.port = port
        self.limits = limits
        self.completion = completion
    }

    /// Begins. `completion` is called once, later, unless `cancel` comes before; the channel does not read yet, so that no
    /// byte is lost before its handlers are there. It may have been closed already.
    func start() {
        owner = surroundings.timer.makeOwner { [weak self] now in self?.deadlineReached(at: now) }
        due = surroundings.timer.now + limits.resolve
        rearm()
        request = surroundings.lookup.resolve(
            host, port: port, for: surroundings.purpose, usesOld: usesOldAddresses
        ) { [weak self] answer in self?.resolved(answer) }
    }

    /// Gives up without a word.
    func cancel() {
        completion = nil
        cleanUp()
    }

    private func resolved(_ answer: NameLookup.Answer) {
        guard completion != nil, stage != .done else { return }
        if answer.isLast {
            request = nil
            lookupEnd = LookupEnd(failure: answer.failure)
        }
        let now = surroundings.timer.now
        let isFirst = stage == .resolving && !answer.addresses.isEmpty
        if isFirst {
            stage = .connecting
            due = now + limits.connect
        }
        begin(
            race.found(
                answer.addresses, family: { $0.protocol == .inet6 ? .v6 : .v4 },
                isSuspect: { surroundings.lookup.isSuspect($0) }, at: now))
        if isFirst, stage == .connecting { onStage() }
    }

    private func begin(_ attempt: AddressRace<SocketAddress>.Attempt?) {
        defer { rearm() }
        guard let attempt else { return checkWhetherLost() }
        hasTriedV4 = hasTriedV4 || attempt.address.protocol == .inet
        if let replaced = attempt.replaced { channels.removeValue(forKey: replaced)?.close(promise: nil) }
        surroundings.network.connect(
            to: attempt.address, timeout: limits.connect, userTimeout: limits.userTimeout,
            on: surroundings.eventLoop, onChannel: { [self] channel in channels[attempt.number] = channel }
        ).assumeIsolated().whenComplete { [self] result in attemptEnded(attempt, result) }
    }

    private func attemptEnded(
        _ attempt: AddressRace<SocketAddress>.Attempt, _ result: Result<any Channel, any Error>
    ) {
        let isReplaced = channels.removeValue(forKey: attempt.number) == nil
        let isAwaited = completion != nil && stage == .connecting
        switch result {
        case .success(let channel):
            guard isAwaited, race.succeeded(attempt.number) else { return channel.close(promise: nil) }
            for address in race.overtaken { surroundings.lookup.learned(address, isGood: false) }
            handOver(channel)
        case .failure(let error):
            guard isAwaited else { return }
            let text = isReplaced ? "no answer" : ConnectFailureText.text(for: error)
            failures.append("\(attempt.address.humanReadable): \(text)")
            if let error = error as? IOError, OSError.isShortage(error.errnoCode) {
                isShort = true
            } else {
                surroundings.lookup.learned(attempt.address, isGood: false)
            }
            begin(race.failed(attempt.number, at: surroundings.timer.now))
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
        guard race.isExhausted else { return }
        guard let lookupEnd else { return waitForRest() }
        let detail = failures.joined(separator: "; ")
        if isShort { return finish(.shortage(detail: detail)) }
        guard let failure = lookupEnd.failure else { return finish(.connect(detail: detail)) }
        if failure.isShortage { return finish(.shortage(detail: failure.detail)) }
        let tried = failures.isEmpty ? "" : "; at the addresses that it had: \(detail)"
        finish(.resolve(host: host, detail: failure.detail + tried))
    }

    /// More addresses may come. Without IPv4 those are what is missing; the rest is not worth a long wait.
    private func waitForRest() {
        if hasTriedV4 { due = min(due, surroundings.timer.now + TCPDialer.patienceForRest) }
    }

    private func deadlineReached(at now: Instant) {
        if due <= now { return timedOut() }
        if let attempt = race.deadlineReached(at: now) { begin(attempt) }
        rearm()
    }

    private func timedOut() {
        if !failures.isEmpty, race.isExhausted {
            let detail = failures.joined(separator: "; ")
            return finish(isShort ? .shortage(detail: detail) : .connect(detail: detail))
        }
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
        surroundings.timer.set([due, race.nextDeadline].compactMap(\.self).min(), for: owner)
    }

    private func finish(_ cause: LossCause) {
        let completion = self.completion
        self.completion = nil
        stage = .done
        cleanUp()
        completion?(.failure(Connector.ConnectFailure(cause: cause)))
    }

    /// Gives back the timer, and closes what did not connect, or not first.
    private func cleanUp() {
        if let owner { surroundings.timer.remove(owner) }
        owner = nil
        if let request { surroundings.lookup.cancel(request) }
        request = nil
        let losers = channels.values
        channels = [:]
        for channel in losers { channel.close(promise: nil) }
    }
}
