import Glibc
import MPushPlatform

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
