package import MPushTime

/// What there is to say of a connection's health.
package struct HealthReading: Equatable, Sendable {
    /// When the last byte was read.
    package let lastRead: Instant
    /// Missed in a row.
    package let missedReads: Int
    /// When a heartbeat is due if nothing is written before; nil while one is on its way.
    package let nextBeat: Instant?
}
