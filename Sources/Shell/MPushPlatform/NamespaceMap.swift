/// Which users or groups the user namespace of this process has (user_namespaces(7)). All others are shown to it as one
/// number, the overflow id, which says nothing of who they are.
package struct NamespaceMap: Equatable, Sendable {
    /// What the kernel shows for whoever is not in the namespace, if it was not told otherwise.
    private static let usualOverflow: UInt32 = 65_534

    /// nil where it is not known.
    private let ranges: [ClosedRange<UInt32>]?
    private let overflow: UInt32

    /// Of a process that sees everybody.
    package static let whole = NamespaceMap("0 0 4294967295")

    /// The users of this process' namespace.
    package static func users() -> NamespaceMap { NamespaceMap(of: "uid") }

    /// The groups of this process' namespace.
    package static func groups() -> NamespaceMap { NamespaceMap(of: "gid") }

    private init(of kind: String) {
        let overflow = NamespaceMap.text("/proc/sys/kernel/overflow\(kind)").flatMap { text in
            UInt32(text.prefix { $0.isNumber })
        }
        self.init(NamespaceMap.text("/proc/self/\(kind)_map"), overflow: overflow ?? NamespaceMap.usualOverflow)
    }

    private static func text(_ path: String) -> String? {
        (try? FileSystem.read(path, maximum: 64 * 1024)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads lines of three numbers: the first inside, the first outside, how many. nil is for a map that cannot be read.
    package init(_ text: String?, overflow: UInt32 = NamespaceMap.usualOverflow) {
        ranges = text?.split(separator: "\n").compactMap { line in
            let numbers = line.split(separator: " ").map { UInt32($0) }
            guard numbers.count == 3, let first = numbers[0], let count = numbers[2], count > 0 else { return nil }
            let (last, isOver) = first.addingReportingOverflow(count - 1)
            return first...(isOver ? UInt32.max : last)
        }
        self.overflow = overflow
    }

    /// Whether the namespace may have it: false only where it surely has not.
    package func mayHave(_ id: UInt32) -> Bool { ranges.map { $0.contains { $0.contains(id) } } ?? true }

    /// Who an id is that the kernel showed; nil where it may stand for anybody. Every other id than the overflow's is what
    /// it says, whatever the map.
    package func known(_ id: UInt32) -> UInt32? { id != overflow || isWhole ? id : nil }

    /// Whether everybody is in the namespace: the machine's own one, or one like it. A map that is not known is not.
    private var isWhole: Bool {
        // The last number is nobody's (credentials(7)).
        var next: UInt32 = 0
        for range in (ranges ?? []).sorted(by: { $0.lowerBound < $1.lowerBound }) where range.lowerBound <= next {
            if range.upperBound >= .max - 1 { return true }
            next = max(next, range.upperBound + 1)
        }
        return false
    }
}
