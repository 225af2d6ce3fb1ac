import MPushSimulator
import MPushWire
import NIOCore

/// The frames that a client sends; heartbeats are left out.
struct ClientFrames {
    private static let maximumBody = 65_536

    private var decoder = ClientStreamDecoder(maximumBody: maximumBody)

    mutating func append(_ bytes: ByteBuffer) {
        decoder.append(bytes)
    }

    mutating func next() -> Frame? {
        while let element = decoder.next() {
            if case .frame(let frame) = element { return frame }
        }
        return nil
    }
}
