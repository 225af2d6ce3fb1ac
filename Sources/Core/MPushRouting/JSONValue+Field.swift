package import MPushJSON

extension JSONValue {
    /// The field that `path` leads to through objects, as text: a string as it is, anything else as JSON writes it. Nil
    /// where there is none, and for null.
    package func text(at path: [String]) -> String? {
        var value: JSONValue? = self
        for name in path { value = value?[name] }
        switch value {
        case nil, .null?: return nil
        case .string(let text)?: return text
        case let other?: return other.text
        }
    }
}
