extension ValueFormat {
    /// One value of the format `element`, or an array of 1 to `longest` of them.
    static func oneOrMore<Element>(
        of element: ValueFormat<Element>, atMost longest: Int
    ) -> ValueFormat<[Element]> where Value == [Element] {
        let list = ValueFormat<[Element]>.list(of: element, atMost: longest)
        return ValueFormat(noun: element.noun, example: element.example) { node, site in
            guard case .array(let nodes) = node.value else { return element.read(node, site).map { [$0] } }
            if nodes.isEmpty {
                site.report("is empty, so that nothing is ever wanted. Write \(element.example), or leave the key out.")
                return nil
            }
            return list.read(node, site)
        }
    }
}
