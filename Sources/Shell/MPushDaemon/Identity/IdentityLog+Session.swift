import MPushConfiguration
import MPushConnection
import MPushModel
import MPushSession
import MPushSystemd
import MPushTLS
import MPushWire
import NIOCore

/// What a session and its messages have to say.
extension IdentityLog {
    func write(
        _ report: SessionReport, endpoint: Endpoint, profile: IdentityProfile, tls: TLSConnectionInfo?, setup: Duration
    ) {
        let place: [JournalField] = [.endpoint("\(endpoint)"), .user(profile.identity.userID)]
        switch report {
        case .opened(let isResumed, let heartbeat):
            log.log(
                .info,
                "\(prefix)connected to \(endpoint) without a user (\(isResumed ? "resumed" : "handshake") in "
                    + "\(setup.spoken), heartbeat \(heartbeat.spoken)): it was unbound",
                [.state("unbound"), .endpoint("\(endpoint)"), .sessionResumed(isResumed), .heartbeat(heartbeat)])
        case .online(let report):
            online(report, endpoint: endpoint, device: profile.session.deviceID, tls: tls, setup: setup)
        case .resumeRefused(let reason):
            log.log(
                .resumeRefused,
                "\(prefix)\(endpoint) does not know the stored session any more (\(reason)); a handshake follows", place
            )
        case .absurdHeartbeat(let asked, let used):
            log.log(
                .absurdHeartbeat, "\(prefix)\(endpoint) asks for a heartbeat of \(asked.spoken); \(used.spoken) it is",
                place + [.heartbeat(used)])
        case .readMissed(let silence, let isAsking):
            log.log(
                .readMissed,
                "\(prefix)a read from \(endpoint) was missed (\(silence.spoken) silent)"
                    + (isAsking ? "; asking the server" : ""), place + [.state("suspect"), .silence(silence)])
        case .readRecovered:
            log.log(.readRecovered, "\(prefix)\(endpoint) answered after all", place + [.state("online")])
        case .heartbeatAnswered(let roundTrip):
            log.log(
                .debug, "\(prefix)heartbeat answered by \(endpoint) in \(roundTrip.spoken)",
                place + [.roundTrip(roundTrip)])
        case .rebound(let user, let tags):
            let words = tags.isEmpty ? "without tags" : "with tags \(tags.joined(separator: ", "))"
            log.log(
                .info, "\(prefix)bound \(user) \(words) at \(endpoint)",
                [.state("online"), .endpoint("\(endpoint)"), .user(user)])
        case .unbound:
            log.log(
                .info, "\(prefix)no user is bound any more at \(endpoint)",
                [.state("unbound"), .endpoint("\(endpoint)")])
        case .unhandledCommand(let command):
            log.log(
                .unknownCommand, "\(prefix)\(endpoint) sent \(command), which this client does not know; ignored",
                place + [.command(command.rawValue)])
        case .serverError(let command, let code, let reason):
            log.log(
                .notice, "\(prefix)\(endpoint) complains about \(command): \(reason) (code \(code.rawValue))",
                place + [.command(command.rawValue), .serverCode(code.rawValue)])
        case .kickForAnother(let device, let kicked):
            log.log(
                .notice, "\(prefix)\(endpoint) sent a KICK for \(kicked) on device \(device), which is not us; ignored",
                place + [.device(device)])
        case .kickAfterUnbind(let user):
            log.log(
                .info, "\(prefix)\(endpoint) says that \(user) signed in elsewhere, and we gave it up; ignored",
                [.endpoint("\(endpoint)")])
        case .httpProxyUnsupported:
            log.log(.notice, "\(prefix)\(endpoint) does not make HTTP requests for clients", place)
        }
    }

    private func online(
        _ online: OnlineReport, endpoint: Endpoint, device: String, tls: TLSConnectionInfo?, setup: Duration
    ) {
        log.log(
            .online,
            "\(prefix)online as \(online.userID) at \(endpoint) (\(online.isResumed ? "resumed" : "handshake") in "
                + "\(setup.spoken), heartbeat \(online.heartbeat.spoken))",
            [
                .state("online"), .endpoint("\(endpoint)"), .user(online.userID), .device(device),
                .sessionResumed(online.isResumed), .heartbeat(online.heartbeat), .setup(setup),
                .tlsVersion(tls?.version ?? "none"),
            ])
    }

    func received(_ messages: [ReceivedMessage], from endpoint: Endpoint, user: String) {
        // Asked once: this is where every message comes by.
        guard log.writes(.messageReceived) else { return }
        for message in messages { received(message, from: endpoint, user: user) }
    }

    private func received(_ message: ReceivedMessage, from endpoint: Endpoint, user: String) {
        log.log(
            .messageReceived, "\(prefix)message \(message.number), \(message.content.readableBytes) bytes",
            [
                .messageNumber(message.number), .size(message.content.readableBytes), .endpoint("\(endpoint)"),
                .user(user),
            ])
    }

    func behind(user: String) {
        log.log(
            .notice, "\(prefix)messages come faster than they are taken; reading waits for whoever takes them",
            [.user(user)])
    }

    func notTaken(_ count: Int, why: String, user: String) {
        log.log(
            .messageNotTaken,
            "\(prefix)\(count) \(count == 1 ? "message" : "messages") not taken and not acknowledged: \(why)",
            [.user(user)])
    }
}
