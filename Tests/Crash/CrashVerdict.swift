/// What a trial found.
struct CrashVerdict {
    /// Messages that may be under way, or done and not recorded, when a daemon dies.
    static let mostRepeatedByAKill = 32

    let kills: Int
    /// Messages that the server was told are safe.
    let acknowledged: Int
    var missingInProgram = 0
    var missingInFolder = 0
    /// Different messages that the program confirmed.
    var delivered = 0
    /// How often the program ran.
    var runs = 0
    /// Whether the last daemon delivered everything in time and ended with status 0.
    var isCleanEnd = false
    var took: Duration = .zero

    init(kills: Int, acknowledged: Int) {
        self.kills = kills
        self.acknowledged = acknowledged
    }

    /// Runs beyond the first of a message.
    var repeated: Int { runs - delivered }

    var isGood: Bool {
        acknowledged >= kills && missingInProgram == 0 && missingInFolder == 0 && isCleanEnd
            && repeated <= kills * CrashVerdict.mostRepeatedByAKill
    }

    var text: String {
        """
        \(isGood ? "good" : "FAILED"): \(kills) kills in \(took.components.seconds) s, \(acknowledged) messages acknowledged, \
        \(missingInProgram) of them missing in the program, \(missingInFolder) in the folder; \
        \(runs) runs for \(delivered) messages, \(repeated) of them again after a kill\(isCleanEnd ? "" : "; no clean end")
        """
    }
}
