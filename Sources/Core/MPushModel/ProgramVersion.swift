/// The version of the three programs. The packages' files have it too; a test holds them together.
package enum ProgramVersion {
    package static let current = "0.5.0"
    /// The day of the version (ISO 8601).
    package static let day = "2026-11-27"
    /// The start of that day (UTC): no clock that is right shows less. A constant, so that builds can be repeated.
    package static let built = WallTime(rfc3339: "\(day)T00:00:00Z") ?? WallTime(millisecondsSince1970: 0)
}
