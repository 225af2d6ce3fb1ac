extension Duration {
    /// The duration as a person says it, in its two largest units: `71 ms`, `1.4 s`, `55 s`, `201 s`, `9 min 5 s`,
    /// `3 h 12 min`, `61 d 4 h`.
    ///
    /// Seconds are kept up to 5 min, because the figures of a heartbeat are read that way.
    package var spoken: String {
        if self < .zero { return "-" + (.zero - self).spoken }
        let milliseconds = wholeMilliseconds
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        let seconds = milliseconds / 1000
        if milliseconds < 10_000 {
            let tenth = milliseconds % 1000 / 100
            return tenth == 0 ? "\(seconds) s" : "\(seconds).\(tenth) s"
        }
        if seconds < 300 { return "\(seconds) s" }
        if seconds < 3600 { return Duration.pair(seconds / 60, "min", seconds % 60, "s") }
        if seconds < 86_400 { return Duration.pair(seconds / 3600, "h", seconds % 3600 / 60, "min") }
        return Duration.pair(seconds / 86_400, "d", seconds % 86_400 / 3600, "h")
    }

    private static func pair(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
        small == 0 ? "\(large) \(largeUnit)" : "\(large) \(largeUnit) \(small) \(smallUnit)"
    }
}
