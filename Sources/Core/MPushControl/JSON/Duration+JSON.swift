import MPushJSON
import MPushTime

extension Duration {
    /// The longest duration that is read: some 30,000 years.
    private static let longest = 1e12

    /// In seconds, to the microsecond; without a fraction where there is none.
    var secondsJSON: JSONValue {
        let (seconds, attoseconds) = components
        let microseconds = attoseconds / 1_000_000_000_000
        return microseconds == 0 ? .integer(seconds) : .number(Double(seconds) + Double(microseconds) / 1e6)
    }

    /// Reads seconds; nil for what is no number, or absurd.
    init?(secondsJSON json: JSONValue) {
        guard let seconds = json.number, seconds.magnitude <= Duration.longest else { return nil }
        self = .microseconds(Int64((seconds * 1e6).rounded()))
    }
}
