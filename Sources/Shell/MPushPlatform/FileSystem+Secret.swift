import Glibc
package import MPushSecret

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
        } catch  where error.number == EFBIG {
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
