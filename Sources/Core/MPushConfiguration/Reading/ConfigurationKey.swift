/// A key that a configuration may hold, as the reading code itself declares it.
package struct ConfigurationKey: Hashable, Sendable {
    /// What holds where the key is left out.
    package enum Absence: Hashable, Sendable {
        /// The configuration is not taken.
        case isAnError
        /// A value of the configuration's own.
        case hasDefault
        /// Nothing is set, or it follows from something else.
        case isNothing
    }

    /// `server.endpoints`; of all tables in `[[identity]]` alike `identity.user`.
    package let path: String

    /// What holds where the key is left out.
    package let absence: Absence

    /// Every key there is, in the order in which they are read: found by reading an empty file.
    package static let all: [ConfigurationKey] = {
        let context = ReadingContext(file: "", environment: NoEnvironment())
        _ = Configuration(reading: TOMLNode(value: .table([]), position: .start), in: context)
        return context.askedKeys
    }()

    private struct NoEnvironment: ConfigurationEnvironment {
        func variable(named name: String) -> String? { nil }
        func inspect(_ path: String) -> FileCondition { .missing }
        func group(named name: String) -> GroupCondition { .missing }
    }
}
