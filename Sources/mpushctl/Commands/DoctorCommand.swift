import ArgumentParser
import Glibc
import MPushControl
import MPushJSON
import MPushPlatform

/// `mpushctl doctor`: walked by mpushd, which has all that the walk needs in it.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Test the connection to the server step by step, and report what fails.",
        discussion: """
            The first line names what is to blame, the next ones what to do about it; the steps on the way to the server \
            follow. Works without the daemon; a running one is asked for its configuration and the states of its \
            identities. Takes 15 s at most, and binds no user without --bind.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Use this configuration instead of the daemon's.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Only this identity; required for --bind if there are several.", valueName: "name"))
    var identity: String?

    @Option(help: ArgumentHelp("Test this server instead of the first one.", valueName: "host:port"))
    var endpoint: String?

    @Flag(help: "Bind the user too. This takes the user from whoever has it; a running daemon reconnects afterwards.")
    var bind = false

    func run() throws {
        try common.checkForm()
        let terminal = Terminal()
        let result: CInt
        do throws(ControlFailure) {
            let client = ControlClient(path: common.socketPath, patience: .seconds(5))
            let content = try? client.content(of: ControlAPI.status, NoQuery())
            let status = content.flatMap { try? JSONParser.parse($0) }.flatMap { try? DaemonStatus(json: $0) }
            let arguments = try self.arguments(status, content)
            guard bind, status != nil else { try Sibling.become("mpushd", arguments) }
            terminal.note("The server moves the user from the daemon to this test; the daemon reconnects afterwards.")
            result = try Sibling.run("mpushd", arguments)
            reconnect(client, terminal)
        } catch {
            terminal.complain(error.sentence)
            throw ExitCode(error.status)
        }
        throw ExitCode(result)
    }

    /// Without this the daemon stays away for as long as on_kick says.
    private func reconnect(_ client: ControlClient, _ terminal: Terminal) {
        do throws(ControlFailure) {
            _ = try client.steer(ControlAPI.reconnect, identity)
        } catch {
            terminal.complain("the daemon could not be asked to reconnect: \(error.sentence)")
        }
    }

    private func arguments(_ status: DaemonStatus?, _ content: [UInt8]?) throws(ControlFailure) -> [String] {
        // The daemon at the socket knows which file it runs with.
        var arguments = ["doctor", "--config=\(config ?? status?.configurationFile ?? common.configurationPath)"]
        if let identity { arguments.append("--identity=\(identity)") }
        if let endpoint { arguments.append("--endpoint=\(endpoint)") }
        if bind { arguments.append("--bind") }
        if common.json { arguments.append("--json") }
        if status != nil, let content { arguments.append("--status=\(try Sibling.file(with: content))") }
        return arguments
    }
}

/// A program that was installed together with this one.
enum Sibling {
    /// Becomes the program `name`: the one that stands beside this one, else the one in PATH.
    static func become(_ name: String, _ arguments: [String]) throws(ControlFailure) -> Never {
        let path = path(of: name)
        let words = CStringList(([name] + arguments).map { Array($0.utf8) })
        let number = words.withPointers { pointers in
            execvp(path, pointers)
            return errno
        }
        throw .system(OSError(number, path))
    }

    /// Runs the program `name`, with this one's input and output, and gives its exit status.
    static func run(_ name: String, _ arguments: [String]) throws(ControlFailure) -> CInt {
        let path = path(of: name)
        let words = CStringList(([name] + arguments).map { Array($0.utf8) })
        var process: pid_t = 0
        let number = words.withPointers { pointers in posix_spawnp(&process, path, nil, nil, pointers, environ) }
        guard number == 0 else { throw .system(OSError(number, path)) }
        return ChildOutput.status(of: process)
    }

    static func path(of name: String) -> String {
        let beside = directory.map { "\($0)/\(name)" }
        return beside.flatMap { access($0, X_OK) == 0 ? $0 : nil } ?? name
    }

    /// The path of a file without a name that has `content`, for the program that this one becomes.
    static func file(with content: [UInt8]) throws(ControlFailure) -> String {
        guard let file = tmpfile() else { throw .system(OSError(errno, "tmpfile")) }
        let descriptor = dup(fileno(file))
        fclose(file)
        guard descriptor >= 0 else { throw .system(OSError(errno, "dup")) }
        if let error = FileSystem.writeAll(content, to: descriptor) { throw .system(error) }
        return "/proc/self/fd/\(descriptor)"
    }

    private static var directory: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        // As long as the buffer is: it was cut.
        guard length > 0, length < buffer.count else { return nil }
        let path = buffer[..<length].map { UInt8(bitPattern: $0) }
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return String(decoding: path[..<slash], as: UTF8.self)
    }
}
