import MPushControl
import MPushModel
import MPushPlatform

/// Identities as rows of a table, for those who have many.
struct IdentityTable {
    private enum Column: String {
        case identity = "IDENTITY"
        case user = "USER"
        case server = "SERVER"
        case state = "STATE"
        case since = "SINCE"
        case roundTrip = "RTT"
        case received = "RECEIVED"
        case lastLoss = "LAST LOSS"
    }

    /// What the last column gets at least, unless there is nothing left to leave out.
    private static let leastReason = 40

    let now: WallTime
    let width: Int
    let style: Style
    /// With the user and the server of each.
    let isWide: Bool

    func lines(_ identities: [IdentityReport]) -> [String] {
        let columns = self.columns(for: identities)
        let rows = identities.map { identity in columns.map { cell($0, identity) } }
        return ColumnTable(head: columns.map(\.rawValue), width: width, style: style).lines(rows) { row, column, text in
            column == columns.firstIndex(of: .state) ? painted(text, identities[row]) : text
        }
    }

    /// Where a line is short, what matters less is left out.
    private func columns(for identities: [IdentityReport]) -> [Column] {
        let all: [Column] = [.identity, .state, .since, .roundTrip, .received, .lastLoss]
        if isWide { return [.identity, .user, .server, .state, .since, .roundTrip, .received, .lastLoss] }
        for left in [[], [.received], [.received, .roundTrip]] as [[Column]] {
            let columns = all.filter { !left.contains($0) }
            let taken = columns.dropLast().reduce(0) { sum, column in
                sum + max(column.rawValue.count, identities.map { cell(column, $0).count }.max() ?? 0) + 2
            }
            if width - taken >= IdentityTable.leastReason { return columns }
        }
        return [.identity, .state, .since, .lastLoss]
    }

    private func cell(_ column: Column, _ identity: IdentityReport) -> String {
        switch column {
        case .identity: identity.name.shown(atMost: isWide ? 64 : width < 100 ? 24 : 40)
        case .user: identity.user?.shown(atMost: 64) ?? "-"
        case .server: identity.endpoint?.shown(atMost: 64) ?? "-"
        case .state: identity.outage == nil ? identity.state.rawValue : "OFFLINE"
        case .since: since(identity)
        case .roundTrip: identity.state.isBound ? identity.lastRoundTrip?.humanReadable ?? "-" : "-"
        case .received: identity.messages.received.grouped
        case .lastLoss: lastLoss(identity)
        }
    }

    /// `02:10 (9 h)`, `2026-11-12 (14 d)`
    private func since(_ identity: IdentityReport) -> String {
        if let outage = identity.outage { return IdentityTable.since(outage.age, at: now) }
        return IdentityTable.since(identity.onlineFor ?? identity.stateAge ?? .zero, at: now)
    }

    private static func since(_ age: Duration, at now: WallTime) -> String {
        let text = now.advanced(by: .zero - age).humanReadable(at: now)
        let short = age.humanReadable.split(separator: " ").prefix(2).joined(separator: " ")
        return "\(text.prefix { $0 != " " }) (\(short))"
    }

    private func lastLoss(_ identity: IdentityReport) -> String {
        if let outage = identity.outageText(at: now) { return outage.withoutBeginning }
        guard let loss = identity.lastLoss else { return "-" }
        let time = loss.age.map { now.advanced(by: .zero - $0) } ?? loss.ended
        // The code fits on the line; all of it is told of those that are offline, and where a line is wide.
        let text = isWide ? loss.sentence : String(loss.cause.map { $0 == "-" ? " " : $0 })
        return "\(time.humanReadable(at: now).prefix { $0 != " " }) \(text.shown(atMost: 200))"
    }

    private func painted(_ text: String, _ identity: IdentityReport) -> String {
        switch identity.state {
        case .online: style.good(text)
        case .suspect: style.poor(text)
        case .paused, .unbound: style.faint(text)
        case .noNetwork, .waiting, .resolving, .connecting, .proxy, .securing, .resuming, .handshaking, .binding,
            .closing:
            style.bad(text)
        }
    }
}
