import ArgumentParser
import Glibc
import MPushControl
import MPushPlatform

/// `mpushctl doctor`: walked by mpushd, which has all that the walk needs in it.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Test the connection to the server step by step, and report what fails.",
        discussion: """
            Works without the daemon. While it is online, its user is not bound a second time, because the server would \
            take the user from it.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Use this configuration instead of the service's.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The identity; required if there are several.", valueName: "name"))
    var identity: String?

    @Option(help: ArgumentHelp("Test this server instead of the first one.", valueName: "host:port"))
    var endpoint: String?

    @Flag(help: "Bind even while the daemon is online.")
    var bind = false

    func run() throws {
        var arguments = ["doctor", "--config=\(config ?? common.configurationPath)"]
        if let identity { arguments.append("--identity=\(identity)") }
        if let endpoint { arguments.append("--endpoint=\(endpoint)") }
        if bind { arguments.append("--bind") }
        if common.json { arguments.append("--json") }
        let terminal = Terminal()
        do throws(ControlFailure) {
            // What it says while it runs; where it does not, the walk goes the whole way.
            let client = ControlClient(path: common.socketPath, patience: .seconds(5))
            if !bind, let status = try? client.content(of: ControlAPI.status, NoQuery()) {
                arguments.append("--status=\(try Sibling.file(with: status))")
            }
            try Sibling.become("mpushd", arguments)
        } catch {
            terminal.complain(error.sentence)
            throw ExitCode(error.status)
        }
    }
}

/// A program that was installed together with this one.
enum Sibling {
    /// Becomes the program `name`: the one that stands beside this one, else the one in PATH.
    static func become(_ name: String, _ arguments: [String]) throws(ControlFailure) -> Never {
        let beside = directory.map { "\($0)/\(name)" }
        let path = beside.flatMap { access($0, X_OK) == 0 ? $0 : nil } ?? name
        let words = CStringList(([name] + arguments).map { Array($0.utf8) })
        let number = words.withPointers { pointers in
            execvp(path, pointers)
            return errno
        }
        throw .system(OSError(number, path))
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
