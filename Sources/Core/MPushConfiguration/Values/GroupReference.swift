/// A group of users as the configuration names it.
package struct GroupReference: Hashable, Sendable {
    /// Its name, or its number, as it was written.
    package let name: String
    /// nil where the machine could not be asked for it.
    package let number: UInt32?

    /// A reference to the group `name`.
    package init(name: String, number: UInt32?) {
        self.name = name
        self.number = number
    }
}
