package import MPushConfiguration

extension ConfigurationProblem {
    /// Place, key and message, for where its severity is said otherwise: by the level of a record, or in front.
    package var plainText: String {
        ["\(location)", location.key, message].compactMap(\.self).joined(separator: ": ")
    }
}
