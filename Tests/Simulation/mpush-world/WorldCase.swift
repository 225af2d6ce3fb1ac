import Glibc
import MPushScene

/// One world to run: a seed, for how many days there are troubles, and what it is like.
struct WorldCase: Hashable {
    let seed: UInt64
    let days: Int
    let kind: WorldKind

    /// `SEED:DAYS:KIND`
    var text: String { "\(seed):\(days):\(kind.rawValue)" }
    /// Has it again.
    var command: String {
        let option = kind == .dense ? "" : " --kind \(kind.rawValue)"
        return "mpush-world --seed \(seed) --days \(days)\(option) --trace"
    }

    init(seed: UInt64, days: Int, kind: WorldKind) {
        (self.seed, self.days, self.kind) = (seed, days, kind)
    }

    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let kind = WorldKind(rawValue: String(parts[2])) else { return nil }
        self.init(parts[0], parts[1], kind)
    }

    fileprivate init?(_ seed: some StringProtocol, _ days: some StringProtocol, _ kind: WorldKind) {
        guard let seed = UInt64(seed), let days = Int(days), days > 0 else { return nil }
        self.init(seed: seed, days: days, kind: kind)
    }
}

/// A file of worlds, one a line: `SEED DAYS [KIND] [INVARIANT] # why it stands there`.
struct WorldList {
    struct Line {
        let world: WorldCase
        /// The invariant that it is known to break; empty where the file does not say.
        let invariant: String
    }

    let lines: [Line]

    /// Nil where the file cannot be read, or has a line that is none.
    init?(_ path: String) {
        guard let file = fopen(path, "r") else {
            perror(path)
            return nil
        }
        defer { fclose(file) }
        var lines: [Line] = []
        var buffer = [CChar](repeating: 0, count: 4096)
        while fgets(&buffer, CInt(buffer.count), file) != nil {
            let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let content = text.prefix { $0 != "#" && $0 != "\n" }
            let words = content.split(separator: " ")
            guard !words.isEmpty else { continue }
            let kind = words.count > 2 ? WorldKind(rawValue: String(words[2])) : nil
            guard words.count > 1, let world = WorldCase(words[0], words[1], kind ?? .dense) else {
                print("\(path): not SEED DAYS: \(content)")
                return nil
            }
            lines.append(Line(world: world, invariant: words.dropFirst(kind == nil ? 2 : 3).joined(separator: " ")))
        }
        self.lines = lines
    }
}

/// How one world went, as a part of the whole.
struct WorldRecord {
    let world: WorldCase
    let isFailed: Bool
    /// Of the machine's time.
    var seconds: Int64 = 0
    var steps: UInt64 = 0
    var acknowledged = 0
    var starts = 0
    var powerCuts = 0
    var crashes = 0
    /// Kills while the program of a stream had messages without an answer.
    var killsOfDaemonInStreams = 0
    var killsOfStreams = 0

    /// What a process says of it to the one that started it, on a line of its own.
    static let mark = "\u{1}"

    var line: String {
        "\(WorldRecord.mark)\(world.text) \(isFailed ? 1 : 0) \(seconds) \(steps) \(acknowledged) \(starts) \(powerCuts) \(crashes) \(killsOfDaemonInStreams) \(killsOfStreams)"
    }

    init(_ world: WorldCase, isFailed: Bool) {
        (self.world, self.isFailed) = (world, isFailed)
    }

    init?(line: some StringProtocol) {
        let words = line.dropFirst().split(separator: " ")
        guard line.hasPrefix(WorldRecord.mark), words.count == 10, let world = WorldCase(words[0]),
            let failed = Int(words[1]), let seconds = Int64(words[2]), let steps = UInt64(words[3]),
            let acknowledged = Int(words[4]), let starts = Int(words[5]),
            let powerCuts = Int(words[6]), let crashes = Int(words[7]),
            let daemonKills = Int(words[8]), let streamKills = Int(words[9])
        else { return nil }
        self.init(world, isFailed: failed != 0)
        (self.seconds, self.steps, self.acknowledged, self.starts) = (seconds, steps, acknowledged, starts)
        (self.powerCuts, self.crashes) = (powerCuts, crashes)
        (killsOfDaemonInStreams, killsOfStreams) = (daemonKills, streamKills)
    }
}
