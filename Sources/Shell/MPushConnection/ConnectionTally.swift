/// What a connection has sent.
package struct ConnectionTally: Equatable, Sendable {
    package var heartbeats: UInt64 = 0
    package var acknowledgements: UInt64 = 0
}
