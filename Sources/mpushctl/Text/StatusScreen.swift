import MPushControl
import MPushModel
import MPushPlatform

/// The screen of `mpushctl status`: a summary, then trouble, then the rest.
struct StatusScreen {
    /// Where the second of two routes on one line begins.
    private static let routeColumn = 40
    /// So many identities are a table.
    private static let fewestRows = 4

    let status: DaemonStatus
    let now: WallTime
    let width: Int
    let style: Style
    /// A table with all columns, however few identities there are.
    var isWide = false
    /// Only identities that are not online.
    var isOfflineOnly = false
    /// The most identities that are shown; nil for all.
    var mostIdentities: Int?

    var lines: [String] {
        ([summary] + inbox + identities + routes + followers).flatMap { line in
            // The lines of a table are cut to the width already.
            TextWrap.lines(line, to: max(20, width), indent: 4)
        }
    }

    // MARK: - Summary

    /// `mpushd 0.4.0, up 12 d 3 h · 29 of 31 online · 1 paused · 3 dead letters`
    private var summary: String {
        let online = status.identities.count { $0.state.isBound }
        let count = "\(online.grouped) of \(status.identities.count.grouped) online"
        let isTrouble = status.identities.contains { $0.isInTrouble }
        var parts = ["mpushd \(status.version.shown(atMost: 40)), up \(status.uptime.humanReadable)"]
        parts.append(isTrouble ? style.bad(count) : count)
        for state in [ConnectionState.paused, .unbound] {
            let number = status.identities.count { $0.state == state }
            if number > 0 { parts.append("\(number.grouped) \(state.rawValue)") }
        }
        let down = status.routes.count { $0.targetDownFor != nil }
        if down > 0 { parts.append(style.poor("\(down) \(down == 1 ? "target" : "targets") down")) }
        let dead = status.routes.reduce(0) { $0 + $1.deadLetters }
        if dead > 0 { parts.append(style.poor("\(dead.grouped) dead \(dead == 1 ? "letter" : "letters")")) }
        if status.inbox.failure != nil { parts.append(style.bad("inbox failing")) }
        if status.inbox.isFull { parts.append(style.bad("inbox full")) }
        return parts.joined(separator: " · ")
    }

    // MARK: - Identities

    /// The longest outage first, then what is in doubt, then what an operator wants, then the rest; each in the order of the
    /// configuration.
    private var identities: [String] {
        guard !status.identities.isEmpty else { return ["no identity is configured"] }
        var chosen = status.identities.enumerated().sorted { left, right in
            let (one, other) = (left.element.order, right.element.order)
            return one == other ? left.offset < right.offset : one < other
        }.map(\.element)
        if isOfflineOnly { chosen.removeAll { $0.state.isBound } }
        guard !chosen.isEmpty else { return ["every identity is online"] }
        let shown = Array(chosen.prefix(mostIdentities ?? .max))
        let lines = isWide || chosen.count >= StatusScreen.fewestRows ? table(shown) : blocks(shown)
        guard shown.count < chosen.count else { return lines }
        let more = chosen.dropFirst(shown.count)
        let offline = more.count { !$0.state.isBound }
        return lines + [
            style.faint(
                "... and \(more.count.grouped) more, \(offline == 0 ? "none" : offline.grouped) of them offline")
        ]
    }

    private func table(_ identities: [IdentityReport]) -> [String] {
        IdentityTable(now: now, width: width, style: style, isWide: isWide).lines(identities)
    }

    private func blocks(_ identities: [IdentityReport]) -> [String] {
        let column = min(identities.map { IdentityBlock.place($0).count }.max() ?? 0, 60) + 3
        return identities.flatMap { IdentityBlock(now: now, width: width, style: style).lines(of: $0, column) }
    }

    // MARK: - Inbox, routes, followers

    /// Only what is out of order.
    private var inbox: [String] {
        let inbox = status.inbox
        var lines: [String] = []
        if let failure = inbox.failure {
            lines.append("  " + style.bad("inbox failing: \(failure.detail.shown(atMost: 512))"))
        }
        if inbox.isFull {
            let size = "\(inbox.messages.grouped) messages, \(ByteCountText.humanReadable(inbox.bytes))"
            let held = inbox.holder.map { "; \($0.explanation.shown(atMost: 512))" } ?? ""
            lines.append("  " + style.bad("inbox full: \(size)\(held)"))
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
        // Trouble first.
        for route in status.routes.filter(\.isInTrouble) + status.routes.filter({ !$0.isInTrouble }) {
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
        // What does not fit goes on below its own route.
        return lines.enumerated().flatMap { number, line in
            TextWrap.lines(
                (number == 0 ? indent : spaces(indent.count)) + line, to: max(20, width), indent: indent.count + 2)
        }
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
        return ("\(route.name)   \(route.isInTrouble ? style.poor(text) : text)", plain.count)
    }

    private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(1, count)) }

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

extension IdentityReport {
    /// Whether messages are to come, and do not.
    fileprivate var isInTrouble: Bool { outage != nil || !(state.isBound || state == .paused || state == .unbound) }

    /// What is shown first is less.
    fileprivate var order: (Int, Duration) {
        if isInTrouble { return (0, .zero - (outage?.age ?? .zero)) }
        return (state == .suspect ? 1 : state.isBound ? 3 : 2, .zero)
    }
}

extension RouteStatus {
    fileprivate var isInTrouble: Bool { deadLetters > 0 || lastFailure != nil || targetDownFor != nil }
}
