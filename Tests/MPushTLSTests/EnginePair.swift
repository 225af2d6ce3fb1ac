import MPushModel
import MPushTLS
import NIOCore

/// A client and a server in memory. What one puts out is fed to the other in pieces of `step` bytes until both are quiet.
final class EnginePair {
    let client: TLSEngine
    let server: TLSEngine
    private let step: Int
    private(set) var clientInfo: TLSConnectionInfo?
    private(set) var serverInfo: TLSConnectionInfo?
    private(set) var clientFailure: TLSFailure?
    private(set) var serverFailure: TLSFailure?
    private(set) var clientReceived = ByteBuffer()
    private(set) var serverReceived = ByteBuffer()
    private(set) var clientSawEnd = false

    init(
        client: TLSContext, server: TLSContext, name: String = "push.example.com", session: TLSSession? = nil,
        step: Int = .max, keepSession: ((TLSSession) -> Void)? = nil
    ) throws {
        self.client = try TLSEngine(
            client: client, peer: TLSPeerName(name), session: session, keepSession: keepSession)
        self.server = try TLSEngine(server: server)
        self.step = step
    }

    /// Hands bytes to and fro until nobody has anything more to say.
    func run() {
        advanceClient()
        var moved = true
        while moved {
            moved = false
            for piece in pieces(client.takeOutput()) {
                moved = true
                if serverFailure == nil { server.receive(piece) }
                advanceServer()
            }
            for piece in pieces(server.takeOutput()) {
                moved = true
                if clientFailure == nil { client.receive(piece) }
                advanceClient()
            }
        }
    }

    private func pieces(_ output: ByteBuffer?) -> [ByteBuffer] {
        guard var output else { return [] }
        var pieces: [ByteBuffer] = []
        while let piece = output.readSlice(length: min(step, output.readableBytes)), piece.readableBytes > 0 {
            pieces.append(piece)
        }
        return pieces
    }

    private func advanceClient() {
        guard clientFailure == nil else { return }
        do throws(TLSError) {
            if clientInfo == nil, case .completed(let info) = try client.handshake() { clientInfo = info }
            guard clientInfo != nil else { return }
            clientSawEnd = try EnginePair.readAll(client, into: &clientReceived)
        } catch {
            clientFailure = error.failure
        }
    }

    private func advanceServer() {
        guard serverFailure == nil else { return }
        do throws(TLSError) {
            if serverInfo == nil, case .completed(let info) = try server.handshake() { serverInfo = info }
            guard serverInfo != nil else { return }
            _ = try EnginePair.readAll(server, into: &serverReceived)
        } catch {
            serverFailure = error.failure
        }
    }

    /// Whether the peer closed.
    private static func readAll(_ engine: TLSEngine, into received: inout ByteBuffer) throws(TLSError) -> Bool {
        while true {
            var plaintext = ByteBuffer()
            let outcome = try engine.read(into: &plaintext)
            received.writeBuffer(&plaintext)
            if outcome != .hasMore { return outcome == .closed }
        }
    }
}
