import ArgumentParser
import Glibc

// A reader that went away shows as EPIPE, which ends the program quietly.
signal(SIGPIPE, SIG_IGN)
ControlProgram.main()
