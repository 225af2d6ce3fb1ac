import MPushJSON

extension ObjectReader {
    /// The member `tags`. On the wire they are separated by commas (PROTOCOL section 4.3), so none can hold one.
    func tagsIfPresent() throws(ControlError) -> [String]? {
        guard json("tags") != nil else { return nil }
        let tags = try texts("tags")
        guard tags.allSatisfy({ !$0.isEmpty && !$0.contains(",") }) else {
            throw ControlError(at: "/tags", "has a tag that is empty, or holds a comma")
        }
        return tags
    }

    /// Fields for the head of an HTTP request: such as can be written on one line each.
    func headFields(_ name: String) throws(ControlError) -> [HeadField] {
        let fields = try fields(name)
        for field in fields {
            guard !field.name.isEmpty, field.name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }) else {
                throw ControlError(at: "/\(name)", "has a name that no HTTP field can have")
            }
            guard field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw ControlError(at: "/\(name)/\(field.name)", "has a control character in it")
            }
        }
        return fields
    }

    /// An absolute URL of HTTP.
    func httpURL(_ name: String) throws(ControlError) -> String {
        let url = try text(name)
        let lower = url.lowercased()
        guard lower.hasPrefix("http://") || lower.hasPrefix("https://"),
            url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw ControlError(at: "/" + name, "is not a URL that begins with http:// or https://") }
        return url
    }
}
