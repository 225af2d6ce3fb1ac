import Glibc
import MPushConfiguration
import MPushConnection
import MPushDoctor
import MPushModel
import MPushPlatform
import NIOCore
import NIOPosix

/// `mpushd init`: carries out what `SetupDialogue` says.
struct InitCommand {
    private let machine = Machine.thisOne
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let terminal = SetupTerminal()
    private let place: SetupPlace
    private let options: SetupOptions

    init(_ values: [String: String]) {
        place = SetupPlace(
            configuration: values["config"] ?? Command.defaultConfiguration,
            workingDirectory: FileSystem.workingDirectory, files: DoctorEnvironment())
        var options = SetupOptions()
        options.endpoint = values["endpoint"]
        options.user = values["user"]
        options.publicKey = values["public-key-file"]
        options.credentialFile = values["credential-file"]
        options.authorities = values["ca-file"]
        options.pin = values["pin"]
        options.isWithoutTLS = values["without-tls"] != nil
        options.asksNothing = values["yes"] != nil
        self.options = options
    }

    /// Asks, looks and writes, and gives the exit status.
    func run() -> CInt {
        signal(SIGPIPE, SIG_IGN)
        var dialogue = SetupDialogue(options, at: place, replaces: isConfigured)
        while true {
            for note in dialogue.takeNotes() { Program.say("\(note.shown(atMost: 1024))\n") }
            switch dialogue.step {
            case .ask(let question):
                guard ask(question, &dialogue) else { return end("The input has ended, and nothing was written.") }
            case .verify(let files): dialogue.verified(problems(in: files))
            case .examine(let files):
                Program.say("Looking at the server ...\n")
                dialogue.examined(sighting(findings(DraftEnvironment(files))))
            case .write(let files): return write(files, sharing: dialogue.filesForService)
            case .stop(let refusal): return end(refusal)
            }
        }
    }

    private func ask(_ question: SetupQuestion, _ dialogue: inout SetupDialogue) -> Bool {
        guard question.isSecret else {
            guard let line = terminal.ask(question.prompt) else { return false }
            dialogue.answered(String(decoding: line.exposed, as: UTF8.self))
            return true
        }
        guard let secret = terminal.askInSecret(question.prompt) else { return false }
        dialogue.answered(secret: secret)
        return true
    }

    /// Whether there is a configuration that somebody wrote: the example of the package is none.
    private var isConfigured: Bool {
        let longest = 1 << 20
        guard machine.files.isTaken(place.configuration) else { return false }
        let examples = ["", "/local"].flatMap { prefix in
            ["mpushd.minimal.toml", "mpushd.toml"].map { "/usr\(prefix)/share/mpushd/\($0)" }
        }
        guard let text = try? FileSystem.read(place.configuration, maximum: longest) else { return true }
        return !examples.contains { (try? FileSystem.read($0, maximum: longest)) == text }
    }

    private func problems(in files: [SetupFile]) -> [SetupDialogue.Problem] {
        do throws(ConfigurationErrors) {
            _ = try SettingsLoader.load(
                place.configuration, version: ProgramVersion.current, now: machine.clock.wall,
                environment: DraftEnvironment(files))
            return []
        } catch {
            return error.errors.map { SetupDialogue.Problem(key: $0.location.key, message: $0.message) }
        }
    }

    private func findings(_ environment: any ConfigurationSource & Sendable) -> Examination.Findings? {
        var options = DoctorOptions(version: ProgramVersion.current)
        options.configurationFile = place.configuration
        options.environment = environment
        let loop = group.next()
        return try? loop.flatSubmit { [options, machine] in
            Examination.findings(of: options, machine: machine, on: loop)
        }.wait()
    }

    private func sighting(_ findings: Examination.Findings?) -> SetupSighting {
        SetupSighting(
            culprit: findings == nil ? .ownFault : findings?.verdict.culprit, isGood: findings?.verdict.status == EX_OK,
            sentence: findings?.verdict.sentence ?? "this machine has no thread to look with",
            advice: findings?.verdict.advice ?? [], certificates: findings?.certificates ?? [])
    }

    // MARK: - The end

    private func write(_ files: [SetupFile], sharing kept: [String]) -> CInt {
        let writer = SetupWriter(machine.files)
        do throws(OSError) {
            try writer.makeDirectory(for: place.configuration)
            for path in kept {
                if let words = try writer.share(path) { Program.say("\(words)\n") }
            }
            for file in files { Program.say("\(try writer.write(file))\n") }
        } catch {
            let advice = error.number == EACCES || error.number == EROFS ? " As root it can be written." : ""
            Program.say(
                "mpushd: init: \(place.configuration) and what it names cannot be written: \(error).\(advice)\n",
                to: STDERR_FILENO)
            return EX_CANTCREAT
        }
        Program.say("\nmpushd check\n")
        let status = Program.check(place.configuration)
        guard status == EX_OK else { return status }
        Program.say("\nmpushd doctor\n")
        guard let findings = findings(DoctorEnvironment()) else { return EX_OSERR }
        Program.say("\(findings.text)\n")
        if findings.verdict.status != EX_OK { Program.say("mpushd goes on trying until that is mended.\n") }
        Program.say("To start it:\n\n    \(place.startCommand)\n")
        return findings.verdict.status
    }

    private func end(_ refusal: SetupRefusal) -> CInt {
        switch refusal.kind {
        case .declined:
            Program.say("\(refusal.message)\n")
            return EX_OK
        case .wrongAnswer: return end(refusal.message)
        case .untrusted: return end(refusal.message, EX_NOPERM)
        }
    }

    private func end(_ message: String, _ status: CInt = EX_USAGE) -> CInt {
        Program.say("mpushd: init: \(message)\n", to: STDERR_FILENO)
        return status
    }
}
