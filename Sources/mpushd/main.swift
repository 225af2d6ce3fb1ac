import Glibc
import MPushDaemon
import MPushJSON
import MPushModel

switch CommandLineArguments(Array(CommandLine.arguments.dropFirst())) {
case .command(let command, let values):
    let configuration = values["config"] ?? Command.defaultConfiguration
    switch command {
    case .`init`: exit(InitCommand(values).run())
    case .run:
        Program.run(
            Daemon.Options(
                configurationFile: configuration, printsMessages: values["print"] != nil,
                version: ProgramVersion.current))
    case .check:
        if values["show"] != nil { exit(EffectiveReport.print(configuration, json: values["json"] != nil)) }
        exit(values["json"] == nil ? Program.check(configuration) : CheckReport.print(configuration))
    case .doctor: Program.doctor(values)
    }
case .help: Program.say(HelpText.help)
case .version: Program.say("mpushd \(ProgramVersion.current)\n")
case .dumpHelp: Program.say(HelpText.dump.text + "\n")
case .wrong(let what):
    Program.say("mpushd: \(what)\n\(HelpText.usage)\n", to: STDERR_FILENO)
    exit(EX_USAGE)
}
