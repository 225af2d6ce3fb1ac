import MPushLocalAPI
import NIOCore
import NIOEmbedded
import NIOHTTP1

/// What a client of the local API sends. The options: 1 for one who may only look, 2 for answers that come after all was
/// read, 4 for one who hangs up its half at the end.
package enum APIRequestBytes {
    /// Takes `input` in, and returns the statuses of the answers.
    ///
    /// - Throws: What came of it that must never come of anything.
    @discardableResult
    package static func run(_ input: [UInt8]) throws(InvariantViolation) -> [UInt] {
        let bytes = CutBytes(input)
        return try FuzzLoop.run { world throws(InvariantViolation) in try statuses(bytes, world.api) }
    }

    private static func statuses(_ bytes: CutBytes, _ api: FuzzAPI) throws(InvariantViolation) -> [UInt] {
        let channel = try HTTPPeer.connected()
        channel.allowRemoteHalfClosure = true
        let caller = Caller(processID: 2, userID: bytes.options & 1 == 0 ? 0 : 4_000_000, groups: [])
        let rules = AnswerRules()
        do {
            try api.server.serve(channel, from: caller)
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(rules, position: .after(decoder))
        } catch {
            throw InvariantViolation("a client is not served: \(error)")
        }
        api.service.isHolding = bytes.options & 2 != 0
        for piece in bytes.pieces where channel.isActive { _ = try? channel.writeInbound(ByteBuffer(bytes: piece)) }
        api.service.release()
        if bytes.options & 4 != 0 { channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        api.service.release()
        if let violation = rules.violation { throw InvariantViolation(violation) }
        try require(api.server.followers.isEmpty, "a client that is gone still follows")
        return rules.statuses
    }
}
