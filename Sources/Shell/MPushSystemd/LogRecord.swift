package import MPushModel

/// One thing worth saying: in words for people, in fields for programs. What it holds is safe to show anywhere.
package struct LogRecord: Equatable, Sendable {
    /// The longest text in bytes of UTF-8; what is longer is cut.
    package static let longestText = 2048

    /// How much it matters.
    package let level: LogLevel
    /// The kind of event, nil for what has no entry in the catalog.
    package let event: LogEvent?
    /// One line, control characters made visible, at most `longestText`.
    package let text: String
    /// What the words are about.
    package let fields: [JournalField]

    /// A record of `text`, which may hold anything.
    package init(level: LogLevel, event: LogEvent?, text: String, fields: [JournalField]) {
        self.level = level
        self.event = event
        self.text = text.shown(atMost: LogRecord.longestText)
        self.fields = fields
    }
}

/// Where records go. Called from any thread; never fails, since there is nobody left to tell.
package protocol LogSink: Sendable {
    /// Takes `record` over, in order with what the same thread wrote before.
    func write(_ record: LogRecord)
}
