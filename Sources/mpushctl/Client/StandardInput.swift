import Glibc
import MPushPlatform

/// What is piped into the program.
enum StandardInput {
    private static let most = 64 * 1024 * 1024

    /// All of it.
    static func all() throws(ControlFailure) -> [UInt8] {
        do throws(OSError) {
            return try FileSystem.read("/dev/stdin", maximum: most)
        } catch {
            throw error.number == EFBIG ? .usage("standard input has more than 64 MiB") : .system(error)
        }
    }
}
