/// One line of mpushd's log, as it writes it to what is no terminal: a time in UTC, a level, a text.
package struct DemoLogLine: Equatable, Sendable {
    package enum Level: String, Sendable {
        case debug
        case info
        case notice
        case warning
        case error
    }

    /// Nil for a line in no known form: the words of another program, or of the Swift runtime.
    package let level: Level?
    package let text: String

    package init(_ line: String) {
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        if parts.count == 3, parts[0].hasSuffix("Z"), let level = Level(rawValue: String(parts[1])) {
            self.level = level
            text = String(parts[2])
        } else {
            level = nil
            text = line
        }
    }
}
