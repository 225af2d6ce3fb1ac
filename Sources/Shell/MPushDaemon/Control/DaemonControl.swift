import MPushConnection
import MPushControl
import MPushIdentity
import MPushInbox
import MPushJSON
import MPushLocalAPI
import MPushModel
import MPushPlatform
import NIOCore
import Synchronization

/// The daemon as the local API sees it. Belongs to its event loop.
final class DaemonControl: ControlService {
    unowned let daemon: Daemon
    /// Those who follow events.
    let eventFollowers = EventFollowers()
    /// Those who follow messages without a name: what comes, as it comes.
    let tails = MessageTails()
    /// Who follows what, known to the server that they are connected to.
    var connectedFollowers: () -> [FollowerReport] = { [] }

    init(_ daemon: Daemon) {
        self.daemon = daemon
        let followers = NIOLoopBound(eventFollowers, eventLoop: daemon.services.eventLoop)
        daemon.events.listen { followers.value.tell() }
    }

    // MARK: - Identities

    /// The runner of the identity `name`, or of the only one.
    func runner(_ name: String?) -> Result<IdentityRunner, Problem> {
        let names = daemon.runners.map(\.profile.name)
        guard let name else {
            if let only = daemon.runners.first, daemon.runners.count == 1 { return .success(only) }
            return .failure(
                Problem(
                    .identityNeeded,
                    "There are several identities: say which. They are \(names.joined(separator: ", ")).",
                    ["identities": .array(names.map { .string($0) })]))
        }
        guard let runner = daemon.runners.first(where: { $0.profile.name == name }) else {
            return .failure(
                Problem(
                    .noSuchIdentity, "There is no identity \(name). There are: \(names.joined(separator: ", ")).",
                    ["identity": .string(name)]))
        }
        return .success(runner)
    }

    /// Lets `work` do something with the identity that is meant, or answers that there is none.
    func with<Value>(_ name: String?, _ answer: Answer<Value>, _ work: (IdentityRunner) -> Void) {
        guard daemon.exitCode == nil else { return answer(.failure(Problem(.stopping, "mpushd is stopping."))) }
        switch runner(name) {
        case .success(let runner): work(runner)
        case .failure(let problem): answer(.failure(problem))
        }
    }
}

extension InboxFailure {
    /// The failure as the local API says it.
    var problem: Problem {
        switch kind {
        case .noSuch: Problem(.noSuchConsumer, "\(detail).")
        case .diskFull, .readOnly, .damaged, .disk, .stuck, .busy:
            Problem(.inboxFailing, "\(detail).", ["kind": .string(kind.rawValue)])
        }
    }
}
