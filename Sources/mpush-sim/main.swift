import ArgumentParser
import Glibc

if let complaint = SimulatorProgram.complaint(about: Array(CommandLine.arguments.dropFirst())) {
    Terminal(allowsColour: false).printError(complaint)
    exit(EX_USAGE)
}
SimulatorProgram.main()
