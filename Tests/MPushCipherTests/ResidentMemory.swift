import Foundation
import Testing

/// What this process has used of memory.
enum ResidentMemory {
    /// The most bytes that were resident at once so far: VmHWM of proc_pid_status(5).
    static func peak() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(Int(line.filter(\.isNumber))) * 1024
    }
}
