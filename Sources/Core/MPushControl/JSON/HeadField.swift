/// A field of an HTTP head. In JSON the fields are the members of an object.
package struct HeadField: Equatable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
