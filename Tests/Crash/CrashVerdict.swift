/// What a trial found.
struct CrashVerdict {
    /// Messages that may be under way, or done and not recorded, when a daemon dies.
    static let mostRepeatedByAKill = 32
    /// Messages that the stream's program may have without an answer.
    static let window = 16

    let kills: Int
    /// Messages that the server was told are safe.
    let acknowledged: Int
    var missingInProgram = 0
    var missingInFolder = 0
    /// Different messages that the program confirmed.
    var delivered = 0
    /// How often the program ran.
    var runs = 0
    var missingInStream = 0
    /// Different messages that the stream's program kept, and how many it kept in all.
    var streamed = 0
    var streamRuns = 0
    /// Of them, those that nobody pushed.
    var foreign = 0
    /// How often the stream's program was killed by itself, its daemon living on.
    var deaths = 0
    /// Whether the last daemon delivered everything in time and ended with status 0.
    var isCleanEnd = false
    var took: Duration = .zero

    init(kills: Int, acknowledged: Int) {
        self.kills = kills
        self.acknowledged = acknowledged
    }

    /// Runs beyond the first of a message.
    var repeated: Int { runs - delivered }

    /// What an end of either side leaves without an answer comes again, and nothing else; answers that are heard are recorded
    /// within some milliseconds, which have room for as many again.
    private var isStreamGood: Bool {
        missingInStream == 0 && foreign == 0 && streamRuns - streamed <= 2 * CrashVerdict.window * (kills + deaths)
    }

    var isGood: Bool {
        isStreamGood && acknowledged >= kills && missingInProgram == 0 && missingInFolder == 0 && isCleanEnd
            && repeated <= kills * CrashVerdict.mostRepeatedByAKill
    }

    var text: String {
        """
        \(isGood ? "good" : "FAILED"): \(kills) kills in \(took.components.seconds) s, \(acknowledged) messages acknowledged, \
        \(missingInProgram) of them missing in the program, \(missingInFolder) in the folder; \
        \(missingInStream) in the stream; \(runs) runs for \(delivered) messages, \(repeated) of them again after a kill; the stream's program, killed \(deaths) times \
        by itself, kept \(streamed) messages, \(streamRuns - streamed) of them again and \(foreign) that nobody pushed\(isCleanEnd ? "" : "; no clean end")
        """
    }
}
