import MPushPlatform

/// Which groups the user namespace of this process shows by their own numbers (user_namespaces(7)): all others appear as
/// the overflow group.
struct GroupMap {
    static let ofThisProcess = GroupMap()

    private var ranges: [ClosedRange<UInt32>]

    /// Reads the map of the kernel. Where there is none to read, every group is its own.
    private init() {
        let text = (try? FileSystem.read("/proc/self/gid_map", maximum: 64 * 1024)) ?? []
        self.init(String(decoding: text, as: UTF8.self))
    }

    /// Reads lines of three numbers: the first inside, the first outside, how many.
    init(_ text: String) {
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").compactMap { UInt32($0) } }
        ranges = lines.compactMap { line in
            guard line.count == 3, line[2] > 0 else { return nil }
            let (last, isOver) = line[0].addingReportingOverflow(line[2] - 1)
            return line[0]...(isOver ? UInt32.max : last)
        }
        if lines.isEmpty { ranges = [0...UInt32.max] }
    }

    func contains(_ group: UInt32) -> Bool { ranges.contains { $0.contains(group) } }
}
