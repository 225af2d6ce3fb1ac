/// What the kernel says of a process in /proc (proc_pid_stat(5), proc_pid_limits(5)).
package struct ProcessFigures: Equatable, Sendable {
    /// In user and kernel mode.
    package let processorSeconds: Double
    package let threads: Int
    /// Bytes.
    package let virtualMemory: UInt64
    /// Bytes.
    package let residentMemory: UInt64

    /// Reads `/proc/PID/stat`; nil where it is not as expected.
    /// - Parameters:
    ///   - ticks: of its times, a second (sysconf(_SC_CLK_TCK)).
    ///   - pageSize: in bytes.
    package init?(stat: [UInt8], ticks: Int, pageSize: Int) {
        // The name of the program comes second, in parentheses, and may have any byte in it.
        guard ticks > 0, let end = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = stat[(end + 1)...].split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
            .map { String(decoding: $0, as: UTF8.self) }
        /// A field by its number in the manual; the first that is left is the third.
        func number(_ field: Int) -> UInt64? { fields.indices.contains(field - 3) ? UInt64(fields[field - 3]) : nil }
        guard let user = number(14), let kernel = number(15), let threads = number(20), let size = number(23),
            let pages = number(24)
        else { return nil }
        processorSeconds = (Double(user) + Double(kernel)) / Double(ticks)
        self.threads = Int(clamping: threads)
        virtualMemory = size
        let (resident, isOver) = pages.multipliedReportingOverflow(by: UInt64(clamping: pageSize))
        residentMemory = isOver ? .max : resident
    }

    /// How many files a process may have open, by its `/proc/PID/limits`; nil for no limit, and where it does not say.
    package static func mostDescriptors(limits: [UInt8]) -> UInt64? {
        let text = String(decoding: limits, as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("Max open files") }
        return line?.dropFirst("Max open files".count).split(separator: " ").first.flatMap { UInt64($0) }
    }
}
