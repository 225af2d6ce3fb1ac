/// How the local API behaves, and its bounds.
package struct LocalAPISettings: Sendable {
    /// The group whose members may change things; nil for that of the socket's file.
    package var group: ConfiguredGroup?
    /// Every request is told that there is no API: for a socket that systemd keeps open in any case.
    package var isSwitchedOff = false
    /// How long a follower may take nothing of what is sent to it, before it is cut.
    package var followerStall: Duration = .seconds(30)
    /// Served at once, beside those that are kept for the daemon's own user and for root (`Places`); more are told so, and
    /// cut.
    package var maximumConnections = 64
    /// Bytes of a request's body.
    package var maximumBody = 16 << 20
    /// Bytes of all bodies that are arriving.
    package var maximumBodies = 64 << 20
    /// Until the next try where a client could not be accepted, for want of descriptors mostly.
    package var acceptPause: Duration = .seconds(1)
    /// How long a connection may be without a request.
    package var idleLimit: Duration = .seconds(60)
    /// How long a request may take to arrive.
    package var requestLimit: Duration = .seconds(30)
    /// After this long without a line a stream gets one that says nothing, so that a dead client is found.
    package var keepaliveInterval: Duration = .seconds(30)
    /// How long the last words to a client that is cut, or told off, may take.
    package var farewellLimit: Duration = .seconds(2)

    package init() {}
}
