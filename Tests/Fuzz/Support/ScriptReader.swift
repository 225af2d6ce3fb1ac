/// Reads a fuzzer's input from the front. Past its end there is nothing, never an error: any bytes are a script.
struct ScriptReader {
    private var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) {
        rest = input[...]
    }

    /// The next byte; nil at the end.
    mutating func byte() -> UInt8? {
        rest.popFirst()
    }

    /// The next `count` bytes, or what is left of them.
    mutating func bytes(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// Exactly `count` bytes, with zeros in place of those that are not there.
    mutating func padded(_ count: Int) -> [UInt8] {
        let found = bytes(count)
        return found + Array(repeating: 0, count: count - found.count)
    }

    /// A length of two bytes, big-endian, and as many bytes after it, or what is left of them.
    mutating func counted() -> [UInt8] {
        let length = padded(2)
        return bytes(Int(length[0]) << 8 | Int(length[1]))
    }
}
