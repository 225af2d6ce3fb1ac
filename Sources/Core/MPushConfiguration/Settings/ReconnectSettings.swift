/// `[reconnect]`: how long to wait after a lost connection. The waits are jittered between `minimum` and `maximum`.
package struct ReconnectSettings: Equatable, Sendable {
    /// The shortest wait.
    package let minimum: Duration

    /// The longest wait. At least `minimum`.
    package let maximum: Duration

    /// How long a connection must stay bound before the waits start from `minimum` again.
    package let resetAfter: Duration

    /// What to do when the server moved the user to another client.
    package let onKick: KickPolicy

    /// How long to wait after a kick where `onKick` says so.
    package let kickWait: Duration
}

extension ReconnectSettings {
    init(reading table: TableReader) {
        minimum = table.value(
            "min", takesEffect: .atOnce, .duration(in: .milliseconds(100) ... .seconds(3600)), default: .seconds(1))
        maximum = table.value(
            "max", takesEffect: .atOnce, .duration(in: .milliseconds(100) ... .seconds(86_400)), default: .seconds(120))
        resetAfter = table.value(
            "reset_after", takesEffect: .atOnce, .duration(in: .seconds(1) ... .seconds(86_400)), default: .seconds(60))
        onKick = table.value("on_kick", takesEffect: .atOnce, .choice, default: .wait)
        kickWait = table.value(
            "kick_wait", takesEffect: .atOnce, .duration(in: .seconds(1) ... .seconds(604_800)), default: .seconds(300))
        table.checkOrder("min", minimum, "max", maximum)
    }
}

extension TableReader {
    /// Reports where the value of `lowerKey` is above that of `upperKey`.
    func checkOrder(_ lowerKey: String, _ lower: Duration, _ upperKey: String, _ upper: Duration) {
        guard lower > upper else { return }
        let key = holds(lowerKey) ? lowerKey : upperKey
        site(of: key).report("\(lowerKey) (\(lower.spelled)) must not be above \(upperKey) (\(upper.spelled)).")
    }
}

/// What to do when the server moved the user to another client of the same type (PROTOCOL.md section 4.6).
package enum KickPolicy: String, CaseIterable, Sendable {
    /// Come back after a long wait.
    case wait
    /// Stay away until the operator says otherwise.
    case stop
}
