/// The memory of a process, in bytes (proc(5), smaps).
struct MemoryUse: Encodable {
    /// What it has for itself, and its share of what it has in common with others (PSS).
    let proportional: Int
    /// All its pages that are in memory (RSS).
    let resident: Int
    /// Its heap and stacks: pages that no file stands behind.
    let anonymous: Int
    /// What would be free without it (USS).
    let own: Int
}

extension MemoryUse {
    /// The median of each figure.
    init(medianOf uses: [MemoryUse]) {
        func median(_ figure: KeyPath<MemoryUse, Int>) -> Int {
            Int(Sample(uses.map { Double($0[keyPath: figure]) }).median)
        }
        self.init(
            proportional: median(\.proportional), resident: median(\.resident), anonymous: median(\.anonymous),
            own: median(\.own))
    }
}
