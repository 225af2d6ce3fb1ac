// Kills programs at random moments while messages are pushed, and then looks for every message that was acknowledged:
// the daemon, `mpush-crashtest MPUSHD KILLS [SEED]`; or each bridge as often, beside real brokers,
// `mpush-crashtest --bridges FOLDER TOOL MPUSHD KILLS [SEED]`, where TOOL is Tests/Package/brokers.py.

import Foundation
import MPushModel

var arguments = Array(CommandLine.arguments.dropFirst())
let places = arguments.first == "--bridges" && arguments.count > 3 ? (arguments[1], arguments[2]) : nil
if places != nil { arguments.removeFirst(3) }
guard arguments.count >= 2, let kills = Int(arguments[1]), kills > 0 else {
    print("usage: mpush-crashtest [--bridges FOLDER TOOL] MPUSHD KILLS [SEED]")
    exit(EX_USAGE)
}
let seed = (arguments.count > 2 ? UInt64(arguments[2]) : nil) ?? UInt64.random(in: 0...999_999)
do {
    let (isGood, text): (Bool, String)
    if let (folder, tool) = places {
        let verdict = try BridgeTrial(program: arguments[0], folder: folder, tool: tool, kills: kills, seed: seed).run()
        (isGood, text) = (verdict.isGood, verdict.text)
    } else {
        let verdict = try CrashTrial(program: arguments[0], kills: kills, seed: seed).run()
        (isGood, text) = (verdict.isGood, verdict.text)
    }
    print(text)
    exit(isGood ? EX_OK : EXIT_FAILURE)
} catch {
    print("crash test: \(error)")
    exit(EX_SOFTWARE)
}
