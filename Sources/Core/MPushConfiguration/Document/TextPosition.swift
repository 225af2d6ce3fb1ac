/// Where something stands in a text; both numbers count from 1.
struct TextPosition: Hashable, Sendable {
    let line: Int
    let column: Int
}
