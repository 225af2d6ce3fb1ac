/// What the kernel says about the process (proc(5)).
extension ChildProcess {
    /// How much memory it takes now.
    var memory: MemoryUse {
        get throws(BenchError) {
            let fields = try fields("smaps_rollup")
            func bytes(_ name: String) -> Int { (fields[name] ?? 0) * 1024 }
            return MemoryUse(
                proportional: bytes("Pss"), resident: bytes("Rss"), anonymous: bytes("Anonymous"),
                own: bytes("Private_Clean") + bytes("Private_Dirty"))
        }
    }

    var threads: Int {
        get throws(BenchError) { try fields("status")["Threads"] ?? 0 }
    }

    /// How often its main thread has gone to sleep, and how often it was made to give way.
    var contextSwitches: (voluntary: Int, involuntary: Int) {
        get throws(BenchError) {
            let fields = try fields("status")
            return (fields["voluntary_ctxt_switches"] ?? 0, fields["nonvoluntary_ctxt_switches"] ?? 0)
        }
    }

    /// The lines `Name:   123 kB` of a file of the process.
    private func fields(_ file: String) throws(BenchError) -> [String: Int] {
        guard let text = TextFile.read("/proc/\(processID)/\(file)") else {
            throw BenchError("process \(processID) is gone, or cannot be looked at")
        }
        var fields: [String: Int] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" || $0 == ":" }
            guard words.count >= 2, let number = Int(words[1]) else { continue }
            fields[String(words[0])] = number
        }
        return fields
    }
}
