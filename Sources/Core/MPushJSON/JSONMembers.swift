/// Finds members of a JSON object without building the rest of it: for the one or two that every message is asked for.
package enum JSONMembers {
    /// The last value of each of `names` in the object that `bytes` are; nil for what is not there, or has no simple
    /// value (a string, a number, a truth value). All nil where the bytes are no JSON object.
    package static func find(_ names: [String], in bytes: [UInt8]) -> [JSONValue?] {
        var none = [JSONValue?](repeating: nil, count: names.count)
        // Most messages that are no JSON are found out by their first byte.
        guard let first = bytes.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{"),
            let members = JSONParser.simpleMembers(bytes)
        else { return none }
        for (index, name) in names.enumerated() { none[index] = members.last { $0.name == name }?.value }
        return none
    }
}
