/// A key of a table and what it names.
struct TOMLEntry {
    let key: String
    let keyPosition: TextPosition
    let node: TOMLNode
}
