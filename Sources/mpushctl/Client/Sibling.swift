import Glibc
import MPushPlatform

/// A program that was installed together with this one.
enum Sibling {
    /// Becomes the program `name`: the one that stands beside this one, else the one in PATH.
    static func become(_ name: String, _ arguments: [String]) throws(ControlFailure) -> Never {
        let beside = directory.map { "\($0)/\(name)" }
        let path = beside.flatMap { access($0, X_OK) == 0 ? $0 : nil } ?? name
        var copies = ([name] + arguments).map { strdup($0) }
        copies.append(nil)
        execvp(path, &copies)
        let error = OSError(errno, path)
        for copy in copies { free(copy) }
        throw .system(error)
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
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = buffer.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map {
                readlink("/proc/self/exe", $0.assumingMemoryBound(to: CChar.self), bytes.count)
            } ?? -1
        }
        guard length > 0, let slash = buffer[..<length].lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return String(decoding: buffer[..<slash], as: UTF8.self)
    }
}
