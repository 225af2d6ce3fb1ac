/// Numbers as people read them.
enum Figure {
    static func mebibytes(_ bytes: Int) -> String { "\(fixed(Double(bytes) / 1_048_576, places: 1)) MiB" }

    /// Three digits that matter, or two where that is enough.
    static func short(_ value: Double) -> String {
        fixed(value, places: value.magnitude < 10 ? 2 : value.magnitude < 100 ? 1 : 0)
    }

    /// With the thousands set apart.
    static func grouped(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        var digits = Array(String(Int(value.rounded())))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return String(digits)
    }

    static func fixed(_ value: Double, places: Int) -> String {
        guard value.isFinite else { return "-" }
        let scale = (0..<places).reduce(1) { product, _ in product * 10 }
        let scaled = Int((value.magnitude * Double(scale)).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard places > 0 else { return "\(sign)\(scaled)" }
        let fraction = String(scaled % scale)
        return "\(sign)\(scaled / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
    }
}
