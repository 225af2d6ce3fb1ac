/// Sizes as people say them.
enum ByteCountText {
    /// `812 B`, `1.4 KiB`, `23 MiB`
    static func spoken(_ bytes: Int) -> String {
        if bytes < 1024 { return "\(max(0, bytes)) B" }
        var (value, unit) = (Double(bytes) / 1024, 0)
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
        let tenths = Int((value * 10).rounded())
        let number = tenths < 100 && tenths % 10 != 0 ? "\(tenths / 10).\(tenths % 10)" : "\(Int(value.rounded()))"
        return "\(number) \(units[unit])"
    }
}
