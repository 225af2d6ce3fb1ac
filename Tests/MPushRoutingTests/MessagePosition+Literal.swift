import MPushModel

/// Positions as tests write them.
extension MessagePosition: ExpressibleByIntegerLiteral {
    /// The position of this number.
    public init(integerLiteral number: Int64) { self.init(rawValue: number) }
}

extension ClosedRange<Int64> {
    var positions: [MessagePosition] { map { MessagePosition(rawValue: $0) } }
}
