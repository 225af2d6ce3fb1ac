package import Foundation
import Glibc

/// Nothing came from a program that a test waits for.
package struct ProgramSilence: Error {}

extension FileHandle {
    /// What has come, nothing at the end: as `availableData`, which waits for ever. The time limit of a test ends no thread
    /// that waits: the run would stand still, and not say where.
    package func nextData(within seconds: Int32 = 120) throws -> Data {
        var watched = pollfd(fd: fileDescriptor, events: Int16(POLLIN), revents: 0)
        var count: Int32 = -1
        repeat { count = poll(&watched, 1, seconds * 1000) } while count < 0 && errno == EINTR
        guard count > 0 else { throw ProgramSilence() }
        return availableData
    }

    /// All to the end, of which a piece comes now and then.
    package func dataToEnd() throws -> Data {
        var data = Data()
        while true {
            let more = try nextData()
            if more.isEmpty { return data }
            data += more
        }
    }
}
