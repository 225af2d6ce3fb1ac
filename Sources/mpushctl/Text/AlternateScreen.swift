import Glibc
import MPushPlatform

/// A screen of its own (DECSET 1049, as editors use it): what was on the terminal is there again after it, however the
/// program ends.
enum AlternateScreen {
    // Written by signal handlers: no memory is asked for there.
    private static let entering: StaticString = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[2J"
    private static let leaving: StaticString = "\u{1b}[?25h\u{1b}[?1049l"

    /// Enters it, and sees that it is left at the end, and while the program is stopped (Ctrl-Z).
    static func enter(_ terminal: Terminal) throws(ControlFailure) {
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { signal(number, endingHandler) }
        signal(SIGTSTP, endingHandler)
        signal(SIGCONT) { _ in
            signal(SIGTSTP, AlternateScreen.endingHandler)
            AlternateScreen.write(AlternateScreen.entering)
        }
        try terminal.write(Array("\(entering)".utf8))
    }

    static func leave() { write(leaving) }

    /// Leaves the screen, and lets the signal do what it does.
    private static let endingHandler: @convention(c) (CInt) -> Void = { number in
        AlternateScreen.write(AlternateScreen.leaving)
        signal(number, SIG_DFL)
        raise(number)
    }

    private static func write(_ text: StaticString) {
        _ = Glibc.write(STDOUT_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }
}
