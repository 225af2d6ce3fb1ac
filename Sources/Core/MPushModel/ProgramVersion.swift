/// The version of the three programs. The packages' files have it too; a test holds them together.
package enum ProgramVersion {
    package static let current = "0.3.0"
    /// The day of the version (ISO 8601).
    package static let day = "2026-11-27"
}
