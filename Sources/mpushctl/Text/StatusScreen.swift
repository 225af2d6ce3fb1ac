import MPushControl
import MPushModel
import MPushPlatform

/// The screen of `mpushctl status`.
struct StatusScreen {
    /// Where the second of two routes on one line begins.
    private static let routeColumn = 40
    private static let stateColumn = 27

    let status: DaemonStatus
    let now: WallTime
    let width: Int
    let style: Style

    var lines: [String] {
        var lines: [String] = []
        let names = status.identities.map(place)
        let column = min(names.map(\.count).max() ?? 0, 60) + 3
        for (identity, name) in zip(status.identities, names) {
            lines += self.lines(of: identity, name, column)
        }
        if status.identities.isEmpty { lines.append("no identity is configured") }
        return lines + inbox + routes + followers
    }

    // MARK: - Identities

    private func place(_ identity: IdentityReport) -> String {
        // A name that only repeats the user says nothing.
        let user = identity.user.map { $0 == identity.name ? $0 : "\(identity.name) as \($0)" }
        let name = user ?? "\(identity.name) (nobody bound)"
        let separator = user == nil ? " at " : "@"
        return (identity.endpoint.map { "\(name)\(separator)\($0)" } ?? name).shown(atMost: 200)
    }

    private func lines(of identity: IdentityReport, _ name: String, _ column: Int) -> [String] {
        var lines = ["\(mark(identity)) \(style.strong(name))\(spaces(column - name.count))"]
        let (state, facts) = (state(identity), facts(identity))
        // Counted without the colours, which take no room.
        let start = 2 + max(name.count + 1, column)
        let length = plainFacts(identity).count + 2
        if facts.isEmpty {
            lines[0] += state
        } else if start + max(state.count, StatusScreen.stateColumn) + length <= width {
            lines[0] += state.padded(to: StatusScreen.stateColumn) + "(\(facts))"
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

    private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(1, count)) }

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

    private func plainFacts(_ identity: IdentityReport) -> String {
        StatusScreen(status: status, now: now, width: width, style: Style(isColoured: false)).facts(identity)
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
        return
            "\(count); last loss \((loss.age ?? age(loss.ended)).humanReadable) ago: \(loss.sentence.shown(atMost: 512))"
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

    // MARK: - The rest

    /// Only what is out of order.
    private var inbox: [String] {
        let inbox = status.inbox
        var lines: [String] = []
        if let failure = inbox.failure {
            lines.append("  " + style.bad("inbox failing: \(failure.detail.shown(atMost: 512))"))
        }
        if inbox.isFull {
            let size = "\(inbox.messages.grouped) messages, \(ByteCountText.humanReadable(inbox.bytes))"
            lines.append("  " + style.bad("inbox full: \(size)"))
        }
        if inbox.dropped > 0 {
            lines.append("  " + style.poor("inbox dropped \(inbox.dropped.grouped) unread messages"))
        }
        if let file = inbox.setAside {
            lines.append("  " + style.poor("inbox was damaged; the old file is kept as \(file.shown(atMost: 512))"))
        }
        return lines
    }

    private var routes: [String] {
        let indent = "  routes   "
        var lines: [String] = []
        var line = ""
        var used = 0
        for route in status.routes {
            let (text, count) = text(of: route)
            if used > 0, used < StatusScreen.routeColumn - 1,
                indent.count + StatusScreen.routeColumn + count <= width
            {
                lines.append(line + spaces(StatusScreen.routeColumn - used) + text)
                (line, used) = ("", 0)
                continue
            }
            if used > 0 { lines.append(line) }
            (line, used) = (text, count)
        }
        if used > 0 { lines.append(line) }
        return lines.enumerated().map { ($0 == 0 ? indent : spaces(indent.count)) + $1 }
    }

    /// The text, and how many columns it takes.
    private func text(of route: RouteStatus) -> (String, Int) {
        var parts = ["\(route.done.grouped) done"]
        if route.waiting > 0 {
            let down = route.targetDownFor.map { "target down for \($0.humanReadable)" }
            let again = route.nextAttempt.map { "again in \($0.humanReadable)" }
            let why = [down, route.lastFailure?.shown(atMost: 200), again].compactMap(\.self).joined(separator: ", ")
            parts.append("\(route.waiting.grouped) waiting" + (why.isEmpty ? "" : " (\(why))"))
        }
        if route.deadLetters > 0 {
            parts.append("\(route.deadLetters.grouped) dead \(route.deadLetters == 1 ? "letter" : "letters")")
        }
        let text = parts.joined(separator: ", ")
        let plain = "\(route.name)   \(text)"
        let isPoor = route.deadLetters > 0 || route.lastFailure != nil
        return ("\(route.name)   \(isPoor ? style.poor(text) : text)", plain.count)
    }

    private var followers: [String] {
        status.followers.enumerated().map { index, follower in
            let name = follower.consumer?.shown(atMost: 64) ?? "(no name)"
            let text =
                "\(name)   process \(follower.processID), \(follower.sent.grouped) sent in "
                + follower.connectedFor.humanReadable + (follower.isStalled ? style.poor(", reads nothing") : "")
            return (index == 0 ? "  follow   " : spaces(11)) + text
        }
    }
}
