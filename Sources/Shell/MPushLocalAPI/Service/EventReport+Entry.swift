import MPushControl
import MPushSystemd

extension EventReport {
    init(_ entry: EventRing.Entry) {
        self.init(
            sequence: entry.sequence, time: entry.time, identity: entry.identity,
            event: entry.record.event.map { EventReport.word("\($0)") } ?? "",
            state: entry.state,
            text: entry.record.text)
        cause = entry.record.value(.cause)
    }

    /// `connection-lost` for `connectionLost`: the API's words have no capitals.
    private static func word(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "-\($1.lowercased())" : String($1) }
    }
}
