import CLinux
import Glibc
import MPushModel
import MPushPlatform

/// Asks on standard output and hears from standard input: a terminal, or lines of a script.
struct SetupTerminal {
    private let isTerminal = isatty(STDIN_FILENO) == 1
    private static let longestLine = 64 * 1024

    /// A line without its end; nil where there is none any more.
    func ask(_ prompt: String) -> SecretBytes? {
        Program.say(prompt)
        let line = readLine()
        // What comes next is on a line of its own, as after a typed one.
        if !isTerminal { Program.say("\n") }
        return line
    }

    /// The same, but nobody sees what is typed.
    func askInSecret(_ prompt: String) -> SecretBytes? {
        // Before the prompt: what is typed behind it is not seen.
        guard isTerminal, clinux_hide_typing(STDIN_FILENO) == 0 else { return ask(prompt) }
        Program.say(prompt)
        let line = readLine()
        clinux_show_typing()
        Program.say("\n")
        return line
    }

    /// Byte by byte: what follows the line belongs to whoever reads next.
    private func readLine() -> SecretBytes? {
        var hasEnd = false
        let line = SecretBytes(upTo: SetupTerminal.longestLine) { (room) throws(Never) -> Int in
            var count = 0
            while count < room.count {
                let added = read(STDIN_FILENO, room.baseAddress?.advanced(by: count), 1)
                if added < 0, errno == EINTR { continue }
                guard added == 1 else { return count }
                if room[count] == 0x0A {
                    hasEnd = true
                    return count
                }
                count += 1
            }
            return count
        }
        return line.count == 0 && !hasEnd ? nil : line
    }
}
