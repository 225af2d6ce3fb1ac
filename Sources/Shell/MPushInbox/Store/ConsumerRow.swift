/// A consumer as the store has it in mind.
struct ConsumerRow {
    let number: Int64
    var cursor: Int64
    /// Whether somebody uses it: then what it has not settled is kept as long as the bounds allow.
    var isActive: Bool
}
