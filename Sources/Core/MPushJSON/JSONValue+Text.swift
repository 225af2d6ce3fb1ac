extension JSONValue {
    /// Appends the value as JSON without white space, in UTF-8.
    package func write(to output: inout [UInt8]) {
        switch self {
        case .null: output += "null".utf8
        case .bool(let truth): output += (truth ? "true" : "false").utf8
        case .integer(let number): output += String(number).utf8
        // JSON has no word for what is not finite.
        case .number(let number): output += (number.isFinite ? "\(number)" : "null").utf8
        case .string(let text): JSONText.append(text, to: &output)
        case .array(let elements): write(elements, between: ("[", "]"), to: &output) { $0.write(to: &$1) }
        case .object(let members):
            write(members, between: ("{", "}"), to: &output) { member, output in
                JSONText.append(member.name, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.write(to: &output)
            }
        }
    }

    /// The value as JSON without white space.
    package var text: String {
        var output: [UInt8] = []
        write(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private func write<Element>(
        _ elements: [Element], between brackets: (Unicode.Scalar, Unicode.Scalar), to output: inout [UInt8],
        _ writeElement: (Element, inout [UInt8]) -> Void
    ) {
        output.append(UInt8(ascii: brackets.0))
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            writeElement(element, &output)
        }
        output.append(UInt8(ascii: brackets.1))
    }
}
