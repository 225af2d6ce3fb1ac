import CLinux
import Glibc

/// Small files, whole.
enum FileIO {
    /// The longest file that is read, in bytes: certificates are far shorter.
    private static let maximumSize = 1 << 20

    static func read(_ path: String) throws(ProgramFailure) -> [UInt8] {
        guard let file = fopen(path, "re") else { throw .noInput(path, errno) }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: maximumSize + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else { throw .noInput(path, errno) }
        guard count <= maximumSize else { throw .noInput(path, EFBIG) }
        return Array(bytes[..<count])
    }

    static func write(_ bytes: [UInt8], to path: String) throws(ProgramFailure) {
        guard let file = fopen(path, "we") else { throw .cannotWrite(path, errno) }
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else { throw .cannotWrite(path, errno) }
    }

    /// Removes what is at `path`, with all that is in it; no link is followed. What cannot be removed stays.
    static func removeTree(_ path: String) {
        if unlink(path) == 0 { return }
        guard let directory = opendir(path) else { return }
        defer {
            closedir(directory)
            rmdir(path)
        }
        while let entry = readdir(directory) {
            let name = String(cString: clinux_entry_name(entry))
            if name != ".", name != ".." { removeTree("\(path)/\(name)") }
        }
    }
}
