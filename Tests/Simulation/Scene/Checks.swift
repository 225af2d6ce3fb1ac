import MPushConnection
import MPushControl
import MPushDaemon
import MPushIdentity
import MPushLocalAPI
import MPushModel
import MPushWorld

/// What must hold, beside what the ledger sees by itself. Each has a name, and a message of its own.
final class Checks {
    /// Of all machines, in a second of the world: a crowd of messages byte by byte takes some thousands.
    static let mostSteps = 200_000
    /// Of the daemon, in a second: 100 messages for five routes, with all that is asked and answered for each.
    private static let mostOwnSteps = 5_000
    /// Of them, for each message that comes to a target: what has waited may go in a moment.
    static let stepsOfADelivery = 5
    /// Each identity and each route has a line a minute at most, of what goes on failing; the rest is for starts and reloads.
    private static func mostLinesInAnHour(starts: Int) -> Int {
        60 * (WorldConfiguration.mostIdentities + WorldConfiguration.mostRoutes) + 10 * starts
    }
    /// The inbox's, and one for each folder; twice, for those that a route left behind that was removed.
    private static let mostThreads = 2 * (1 + WorldConfiguration.mostRoutes)
    /// Of each identity the one that holds, one on its way out, and one that looks for a better server.
    private static let mostConnections = 3 * WorldConfiguration.mostIdentities
    /// In a minute of growing waits an identity comes to seven rounds of all servers in the mean, behind two that an allocator
    /// names and that are gone; people ask for some more.
    private static let mostConnectsInAMinute = 20 * (3 + 2) * WorldConfiguration.mostIdentities

    private let ledger: Ledger

    init(_ ledger: Ledger) {
        self.ledger = ledger
    }

    func report(_ invariant: String, _ detail: String) { ledger.report(invariant, detail) }

    /// The daemon and the servers agree on who is bound, and where.
    /// - Parameter bound: the users that the servers have bound.
    func agreement(_ device: Device, bound: Set<String>) {
        guard let daemon = device.daemon, let service = device.service else { return }
        for identity in service.status.identities where identity.state == .online {
            if identity.boundUser != identity.wishedUser {
                ledger.report(
                    "agreement",
                    "\(identity.name) is online as \(identity.boundUser ?? "nobody"), and is to be \(identity.wishedUser ?? "nobody")"
                )
            }
        }
        for status in daemon.status where status.isBound {
            if !bound.contains(status.user) {
                ledger.report("agreement", "\(status.name) is online as \(status.user), and no server has that user")
            }
        }
    }

    /// A connection over which nothing comes is not believed in for longer than `limit`.
    func deadLinks(_ device: Device, after limit: Duration) {
        for identity in device.service?.status.identities ?? [] where identity.state.isBound {
            guard let age = identity.lastAnswerAge, age > limit else { continue }
            ledger.report(
                "dead links are found",
                "\(identity.name) is \(identity.state.rawValue), and has had nothing from its server for \(age)")
        }
    }

    /// Certificates are good in every world, but for a clock that has not got so far.
    func certificates(_ device: Device, clockWasWrong: Bool) {
        for status in device.daemon?.status ?? [] {
            let failure: TLSFailure
            switch status.lastLoss {
            case .tls(let found)?: failure = found
            case .clock(let found, _, _)?: failure = found
            default: continue
            }
            switch failure {
            case .notYetValid where clockWasWrong: break
            case .peerClosed, .timedOut, .protocolVersion, .other: break
            case .notYetValid, .expired, .wrongHost, .unknownAuthority, .revoked, .noPinMatched, .badCertificate,
                .clientCertificateRefused:
                ledger.report(
                    "certificates are judged rightly", "\(status.name) is refused: \(LossCause.tls(failure).sentence)")
            }
        }
    }

    /// The numbers of the connections that hold now, by identity.
    func connections(_ device: Device) -> [String: Int] {
        var numbers: [String: Int] = [:]
        for identity in device.service?.status.identities ?? [] where identity.state.isBound {
            numbers[identity.name] = identity.connectionNumber
        }
        return numbers
    }

    /// In `time` without any trouble connections, which had `numbers` before it, end only where that is intended.
    func liveConnectionsStay(_ device: Device, _ numbers: [String: Int], for time: Duration) {
        guard let service = device.service else { return }
        for identity in service.status.identities {
            guard let number = numbers[identity.name], identity.connectionNumber != number else { continue }
            guard let loss = identity.lastLoss, let age = loss.age, age <= time else { continue }
            ledger.report(
                "a live connection stays",
                "\(identity.name) has lost a connection without any trouble: \(loss.sentence)")
        }
    }

    /// Who is online for a while, without any trouble, has everything that is sent again and again.
    func nobodyIsDeaf(_ users: [String], at now: Duration, _ inbox: InboxStatus) {
        // What is about to be given up may have been given up.
        let earliest = now - Sender.patience + .seconds(1800)
        let waiting = ledger.pushes.filter {
            $0.acknowledgedAt == nil && $0.sentAt > earliest && users.contains($0.user)
        }
        guard let first = waiting.first else { return }
        ledger.report(
            "nobody is deaf",
            "\(waiting.count) messages are not acknowledged, long after all troubles: the first is m\(first.number) to \(first.user)\(inbox.isFull ? "; " + InboxHolder.refusal(because: inbox.holder) : "")"
        )
    }

    /// What the daemon uses stays within bounds, whatever happens.
    /// - Parameter webhooks: how many routes POST: each message is a connection, and lasts as long as its server takes.
    /// - Parameter starts: how many there may be in an hour, with ten lines each.
    func bounds(_ device: Device, webhooks: Int, starts: Int) {
        let host = device.machine.host
        if host.mostChannels > Checks.mostConnections + 5 * webhooks {
            ledger.report("few connections", "\(host.mostChannels) at once")
        }
        if host.busiestMinute > Checks.mostConnectsInAMinute + 1200 * webhooks {
            ledger.report("few attempts", "\(host.busiestMinute) connections were begun in a minute")
        }
        let steps = device.machine.loop.busiestSecond.steps
        if steps > Checks.mostOwnSteps { ledger.report("no busy loop", "\(steps) steps of mpushd in a second") }
        let threads = device.machine.threads.most
        if threads > Checks.mostThreads { ledger.report("few threads", "\(threads) at once") }
        let lines = device.log.busiestHour
        if lines > Checks.mostLinesInAnHour(starts: starts) {
            ledger.report("few lines", "\(lines) lines of the journal in an hour")
        }
    }

    /// What was acknowledged has reached these routes, in the middle of a world.
    func allArrived(at routes: [String]) {
        let missing = ledger.missing(from: routes)
        guard !missing.isEmpty else { return }
        ledger.report(
            "nothing lost",
            "\(missing.count) acknowledged messages have not come: \(missing.prefix(3).joined(separator: "; "))")
    }

    /// What was acknowledged has reached every route.
    func everythingArrived(_ device: Device) {
        // Folders are looked at, because nobody tells the ledger of them.
        MailReader(of: device.disk, ledger).read()
        let missing = ledger.missing()
        if !missing.isEmpty {
            ledger.report(
                "nothing lost",
                "\(missing.count) acknowledged messages are missing: \(missing.prefix(3).joined(separator: "; "))")
        }
        for route in device.service?.status.routes ?? [] {
            let refused = ledger.refusals[route.name] ?? 0
            if route.deadLetters > refused {
                ledger.report(
                    "no good message is buried",
                    "route \(route.name) has \(route.deadLetters) dead letters, and its target refused \(refused)")
            }
        }
    }
}
