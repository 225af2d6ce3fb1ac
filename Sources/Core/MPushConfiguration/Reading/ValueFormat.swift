import MPushModel

/// How a value of one kind is written in the file, and read.
struct ValueFormat<Value> {
    /// The kind with its article, as an error names it: `a duration`.
    let noun: String

    /// A value of the kind as TOML: `"30s"`.
    let example: String

    /// Whether no error may show a value.
    var isSecret = false

    /// Whether a value, once it is found good, is the path of a file.
    var isPath = false

    /// Whether nothing may show a value at all: the path of a file with a secret is none.
    var isWithheld: Bool { isSecret && !isPath }

    /// Spells a value as TOML; nil for kinds that have no default.
    var write: (_ value: Value) -> String? = { _ in nil }

    /// Reads the node, or reports at the site what is wrong with it and returns nil.
    let read: (_ node: TOMLNode, _ site: ReadingSite) -> Value?
}

extension ValueFormat {
    /// The same format, whose values are spelled by `write`.
    func written(by write: @escaping (_ value: Value) -> String) -> ValueFormat {
        var format = self
        format.write = write
        return format
    }

    /// A string that `parse` turns into a value or says how it is misspelled. No error shows one that `isSecret`, or
    /// stands where somebody may have put a secret.
    static func spelled(
        _ noun: String, example: String, isSecret: Bool = false,
        by parse: @escaping (_ text: String, _ site: ReadingSite) throws(Misspelling) -> Value
    ) -> ValueFormat {
        ValueFormat(noun: noun, example: example, isSecret: isSecret) { node, site in
            guard case .string(let text) = node.value else {
                site.reportType(of: node, wanted: noun, example: example, isSecret: isSecret)
                return nil
            }
            do throws(Misspelling) {
                return try parse(text, site)
            } catch {
                site.report("\(isSecret ? "this" : text.quoted) \(error.message).")
                return nil
            }
        }
    }

    /// An array of at most `longest` values of the format `element`, each wrong one reported by itself.
    static func list<Element>(
        of element: ValueFormat<Element>, atMost longest: Int
    ) -> ValueFormat<[Element]> where Value == [Element] {
        let noun = "an array"
        return ValueFormat(noun: noun, example: "[\(element.example)]") { node, site in
            guard case .array(let nodes) = node.value else {
                let content = if case .string = node.value { node.shown } else { element.example }
                site.reportType(of: node, wanted: noun, example: "[\(content)]")
                return nil
            }
            guard nodes.count <= longest else {
                site.report("has \(nodes.count) elements. It may have \(longest).")
                return nil
            }
            let values = nodes.enumerated().compactMap { element.read($0.element, site.element($0.offset, $0.element)) }
            return values.count == nodes.count ? values : nil
        }.written { "[\($0.compactMap(element.write).joined(separator: ", "))]" }
    }
}

extension ValueFormat {
    /// One value of the format `element`, or an array of 1 to `longest` of them; an empty one is refused with what it would mean.
    static func oneOrMore<Element>(
        of element: ValueFormat<Element>, atMost longest: Int, emptyMeans: String = "no message matches"
    ) -> ValueFormat<[Element]> where Value == [Element] {
        let list = ValueFormat<[Element]>.list(of: element, atMost: longest)
        return ValueFormat(noun: element.noun, example: element.example) { node, site in
            guard case .array(let nodes) = node.value else { return element.read(node, site).map { [$0] } }
            if nodes.isEmpty {
                site.report("is empty, so that \(emptyMeans). Write \(element.example), or leave the key out.")
                return nil
            }
            return list.read(node, site)
        }
    }
}
