package import MPushPlatform
package import NIOCore

/// A socket on which clients of the local API find it.
package protocol LocalAPISocket {
    /// Where they find it; empty where it has no file.
    var path: String { get }

    /// Accepts clients from now on, on `eventLoop`, where this has to be called; the future has the channel that listens.
    /// - Parameters:
    ///   - onFailure: hears that a client could not be accepted. Another try comes when the channel reads again.
    ///   - prepare: gets each client's channel, which tells its end from its last words (`allowRemoteHalfClosure`).
    func acceptClients(
        on eventLoop: any EventLoop, onFailure: @escaping (IOError) -> Void,
        prepare: @escaping (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel>

    /// Who is at the other end of a channel that was accepted.
    func caller(on channel: any Channel, users: NamespaceMap, groupMap: NamespaceMap) throws -> Caller

    /// Bytes that were written to the socket of such a channel, and that its client has not read yet, as the kernel counts
    /// them; 0 where nobody can say.
    func unread(on channel: any Channel) -> Int

    /// Removes the file, where the daemon made it.
    func removeFile()
}

/// Where the daemon has sockets of the local API from: the machine, or what stands in for it.
package protocol LocalAPISockets: Sendable {
    /// The one that the service manager handed over, and what is to be said of it; nil where there is none.
    func handedOver() throws(ListeningError) -> (socket: any LocalAPISocket, warning: String?)?

    /// One at `path`, for the group of this number where one is given.
    func make(at path: String, group: UInt32?) throws(ListeningError) -> any LocalAPISocket
}
