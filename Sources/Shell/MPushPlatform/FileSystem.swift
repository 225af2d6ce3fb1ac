import CLinux
import Glibc
package import MPushModel

/// Files and directories, whole: read with a bound, made so that they are there after a power cut.
package enum FileSystem {
    /// The content of the file at `path`; throws `OSError`, with EFBIG where it has more than `maximum` bytes.
    package static func read(_ path: String, maximum: Int) throws(OSError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw OSError(errno, "open") }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var status = stat()
        if fstat(descriptor, &status) == 0 { content.reserveCapacity(max(0, min(Int(status.st_size), maximum))) }
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw OSError(errno, "read") }
            if count == 0 { return content }
            guard content.count + count <= maximum else { throw OSError(EFBIG, "read") }
            content += chunk[..<count]
        }
    }

    /// Makes a directory, for us alone where `mode` says nothing else; one that is there is fine. One that was made is still
    /// there after a power cut.
    package static func makeDirectory(_ path: String, mode: UInt32 = 0o700) throws(OSError) {
        if mkdir(path, mode_t(mode)) == 0 { return syncDirectory(of: path) }
        guard errno == EEXIST else { throw OSError(errno, "mkdir") }
    }

    /// Writes all of `content`, waiting where the descriptor does not block by itself; nil where that went well.
    package static func writeAll(_ content: [UInt8], to descriptor: CInt) -> OSError? {
        let number = clinux_write_all(descriptor, content, content.count, 1)
        return number == 0 ? nil : OSError(number, "write")
    }

    /// The names in a directory, in no order; none where it cannot be read.
    package static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = String(cString: clinux_entry_name(entry))
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Where the process is; `/` where nobody says.
    package static var workingDirectory: String {
        guard let text = getcwd(nil, 0) else { return "/" }
        defer { free(text) }
        return String(cString: text)
    }

    private static func syncDirectory(of path: String) {
        var path = path[...]
        while path.count > 1, path.last == "/" { path.removeLast() }
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(directory.isEmpty ? "/" : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

extension FileSystem {
    /// The content of a file that holds a secret, from the kernel straight into memory that is wiped when it is freed.
    /// Throws `OSError`, with EFBIG where the file has more than `maximum` bytes.
    package static func readSecret(_ path: String, maximum: Int) throws(OSError) -> SecretBytes {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw OSError(errno, "open") }
        defer { close(descriptor) }
        var status = stat()
        let isSized = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size > 0
        // Room for what the file says that it has: it is cheaper to wipe than room for what it may have.
        guard isSized, let size = Int(exactly: status.st_size), size < maximum else {
            return try readAll(descriptor, atMost: maximum)
        }
        do throws(OSError) {
            return try readAll(descriptor, atMost: size)
        } catch {
            guard error.number == EFBIG else { throw error }
            // It has grown meanwhile.
            guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw OSError(errno, "lseek") }
            return try readAll(descriptor, atMost: maximum)
        }
    }

    private static func readAll(_ descriptor: CInt, atMost maximum: Int) throws(OSError) -> SecretBytes {
        // One byte more than there may be shows that there are more.
        try SecretBytes(upTo: maximum + 1) { room throws(OSError) in
            var count = 0
            while count < room.count {
                let added = Glibc.read(descriptor, room.baseAddress?.advanced(by: count), room.count - count)
                if added < 0, errno == EINTR { continue }
                guard added >= 0 else { throw OSError(errno, "read") }
                if added == 0 { return count }
                count += added
            }
            throw OSError(EFBIG, "read")
        }
    }
}
