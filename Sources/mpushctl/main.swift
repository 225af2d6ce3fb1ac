import ArgumentParser
import Glibc

// A reader that went away shows as EPIPE, which ends the program quietly.
signal(SIGPIPE, SIG_IGN)
let words = CommandWords(Array(CommandLine.arguments.dropFirst()), of: ControlProgram.self)
if let complaint = words.complaint {
    Terminal().complain(complaint)
    exit(EX_USAGE)
}
ControlProgram.main(words.arranged)
