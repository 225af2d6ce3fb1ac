import NIOCore

/// What was written and is not encrypted yet: before the handshake is done, and between two flushes. Small writes come
/// out joined, so that a batch of acknowledgements costs one record and not one each.
struct TLSWriteQueue {
    private var bytes = ByteBuffer()
    private var promise: EventLoopPromise<Void>?

    /// How many bytes wait.
    var count: Int { bytes.readableBytes }

    /// Appends `buffer`; `promise` is kept once all of it is on its way.
    mutating func append(_ buffer: ByteBuffer, promise: EventLoopPromise<Void>?) {
        if bytes.readableBytes == 0 {
            bytes = buffer
        } else {
            var buffer = buffer
            bytes.writeBuffer(&buffer)
        }
        guard let promise else { return }
        if let first = self.promise {
            first.futureResult.cascade(to: promise)
        } else {
            self.promise = promise
        }
    }

    /// Empties the queue; nil if nobody waits for anything.
    mutating func takeAll() -> (bytes: ByteBuffer, promise: EventLoopPromise<Void>?)? {
        guard bytes.readableBytes > 0 || promise != nil else { return nil }
        let taken = (bytes, promise)
        self = TLSWriteQueue()
        return taken
    }

    /// Empties the queue and breaks its promises.
    mutating func fail(_ error: any Error) {
        takeAll()?.promise?.fail(error)
    }
}
