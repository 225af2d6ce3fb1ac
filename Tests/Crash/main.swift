// Kills a daemon at random moments while messages are pushed to it, and then looks for every message that it had
// acknowledged: `mpush-crashtest MPUSHD KILLS [SEED]`.

import Foundation
import MPushModel

let arguments = CommandLine.arguments
guard arguments.count >= 3, let kills = Int(arguments[2]), kills > 0 else {
    print("usage: mpush-crashtest MPUSHD KILLS [SEED]")
    exit(EX_USAGE)
}
let seed = arguments.count > 3 ? UInt64(arguments[3]) : nil
do {
    let trial = try CrashTrial(program: arguments[1], kills: kills, seed: seed ?? UInt64.random(in: 0...999_999))
    let verdict = try trial.run()
    print(verdict.text)
    exit(verdict.isGood ? EX_OK : EXIT_FAILURE)
} catch {
    print("crash test: \(error)")
    exit(EX_SOFTWARE)
}
