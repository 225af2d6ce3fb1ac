import MPushControl
import MPushModel

/// All that `mpushctl status` says of one identity, in a few lines.
struct IdentityBlock {
    private static let stateColumn = 27

    let now: WallTime
    let width: Int
    let style: Style

    /// Who, and where.
    static func place(_ identity: IdentityReport) -> String {
        // A name that only repeats the user says nothing.
        let user = identity.user.map { $0 == identity.name ? $0 : "\(identity.name) as \($0)" }
        let name = user ?? "\(identity.name) (nobody bound)"
        let separator = user == nil ? " at " : "@"
        return (identity.endpoint.map { "\(name)\(separator)\($0)" } ?? name).shown(atMost: 200)
    }

    /// The state begins at `column` where the name leaves room.
    func lines(of identity: IdentityReport, _ column: Int) -> [String] {
        let name = IdentityBlock.place(identity)
        let gap = String(repeating: " ", count: max(1, column - name.count))
        var lines = ["\(mark(identity)) \(style.strong(name))\(gap)"]
        let (state, facts) = (state(identity), facts(identity))
        // Counted without the colours, which take no room.
        let start = 2 + max(name.count + 1, column)
        let length = TextWrap.columns(of: facts) + 2
        if facts.isEmpty {
            lines[0] += state
        } else if start + max(state.count, IdentityBlock.stateColumn) + length <= width {
            lines[0] += state.padded(to: IdentityBlock.stateColumn) + "(\(facts))"
        } else {
            lines[0] += state
            lines.append("  (\(facts))")
        }
        if let wish = wish(identity) { lines.append("  \(style.poor(wish))") }
        if let heartbeat = heartbeat(identity) { lines.append("  heartbeat \(heartbeat)") }
        if let keepalive = identity.keepalive {
            lines.append("  keepalive \(keepalive.sentence) (\(keepalive.network))".shown(atMost: 300))
        }
        lines.append("  connection \(connection(identity))")
        lines.append("  messages \(messages(identity.messages))")
        return lines
    }

    /// What is wished of the user, where the server has bound another, or with other tags.
    private func wish(_ identity: IdentityReport) -> String? {
        guard let bound = identity.boundUser else { return nil }
        guard let wished = identity.wishedUser else { return "\(bound.shown(atMost: 200)) is to be unbound" }
        guard (bound, identity.boundTags) != (wished, identity.wishedTags) else { return nil }
        let tags = identity.wishedTags.isEmpty ? "" : " with tags \(identity.wishedTags.joined(separator: ", "))"
        return "to be bound as \((wished + tags).shown(atMost: 400))"
    }

    private func mark(_ identity: IdentityReport) -> String {
        switch identity.state {
        case .online: style.good("●")
        case .paused, .unbound: style.faint("○")
        case .waiting, .noNetwork: style.bad("●")
        case .suspect, .resolving, .connecting, .proxy, .securing, .resuming, .handshaking, .binding, .closing:
            style.poor("●")
        }
    }

    private func state(_ identity: IdentityReport) -> String {
        let age = identity.stateAge ?? age(identity.since)
        let text: String
        if let outage = identity.outageText(at: now), !identity.state.isBound { return outage.withoutError }
        switch identity.state {
        case .online: text = "online for \((identity.onlineFor ?? age).humanReadable)"
        case .suspect: text = "a read was missed, asking the server"
        case .noNetwork: text = "no route to a server for \(age.humanReadable), waiting for the network"
        case .waiting: text = identity.nextAttempt.map { "waiting, again in \($0.humanReadable)" } ?? "waiting"
        case .unbound: text = "connected, unbound for \(age.humanReadable). To bind again: mpushctl bind"
        case .paused: text = "paused for \(age.humanReadable). To go on: mpushctl resume"
        case .resolving, .connecting, .proxy, .securing, .resuming, .handshaking, .binding, .closing:
            text = "\(identity.state.rawValue) for \(age.humanReadable)"
        }
        return text
    }

    private func facts(_ identity: IdentityReport) -> String {
        var facts: [String?] = [identity.isResumed.map { $0 ? "resumed" : "handshake" }, identity.tlsVersion]
        if let certificate = identity.certificate {
            let days = certificate.daysLeft
            let text = days < 0 ? "certificate ended" : "certificate good for \(days) \(days == 1 ? "day" : "days")"
            facts.append(days < 14 ? style.poor(text) : text)
        }
        return facts.compactMap(\.self).joined(separator: ", ")
    }

    private func heartbeat(_ identity: IdentityReport) -> String? {
        guard let heartbeat = identity.heartbeat else { return nil }
        let answer = identity.lastAnswerAge.map { age in
            "last answer \(age.humanReadable) ago" + (identity.lastRoundTrip.map { " in \($0.humanReadable)" } ?? "")
        }
        let asked = heartbeat.humanReadable + (identity.pingEvery.map { ", asked every \($0.humanReadable)" } ?? "")
        let missed = "missed reads \(identity.missedReads)"
        let parts = [asked, answer, identity.missedReads > 0 ? style.poor(missed) : missed]
        return parts.compactMap(\.self).joined(separator: "; ")
    }

    private func connection(_ identity: IdentityReport) -> String {
        let number = identity.connectionNumber
        let count = number == 0 ? "none since start" : "\(number.grouped) since start"
        guard let loss = identity.lastLoss else { return count }
        let word = identity.outage == nil ? "last loss" : "last error"
        return
            "\(count); \(word) \((loss.age ?? age(loss.ended)).humanReadable) ago: \(loss.sentence.shown(atMost: 512))"
    }

    private func messages(_ counts: MessageCounts) -> String {
        var text =
            "\(counts.received.grouped) received, \(counts.stored.grouped) stored, "
            + "\(counts.acknowledged.grouped) acknowledged, "
            + "\(counts.duplicates.grouped) \(counts.duplicates == 1 ? "duplicate" : "duplicates")"
        if counts.refused > 0 { text += style.bad(", \(counts.refused.grouped) refused") }
        return text
    }

    private func age(_ time: WallTime) -> Duration {
        let (age, overflow) = now.millisecondsSince1970.subtractingReportingOverflow(time.millisecondsSince1970)
        return overflow ? .zero : .milliseconds(max(0, age))
    }
}
