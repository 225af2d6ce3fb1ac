import MPushModel
import MPushPlatform
import MPushWire
import NIOCore

extension ServerConnection {
    /// The most pushes that can await their ACK on one connection.
    static let maximumPending = 65_536
    /// So many bytes of a flood are handed to the socket in one go.
    private static let batchSize = 64 * 1024

    /// Sends a push, and completes the future when its ACK came, or did not come in time.
    func push(
        _ content: ByteBuffer, flags: PacketFlags, deadline: Duration
    ) -> EventLoopFuture<PushReport> {
        guard sealer.hasSession, !isClosing else {
            return core.loop.makeFailedFuture(SimulatorError.notOpen(session.id))
        }
        guard pending.count < Self.maximumPending else {
            return core.loop.makeFailedFuture(SimulatorError.tooManyPushes(maximum: Self.maximumPending))
        }
        let number = core.takeNumbers(1)
        let frame: ByteBuffer
        do {
            frame = try self.frame(PlainFrame(.push, flags: flags, number: number, body: content, isSealed: true))
        } catch {
            return core.loop.makeFailedFuture(SimulatorError.badPush("\(error)"))
        }
        core.registry.statistics.pushes += 1
        core.record(.pushed(number: number, bytes: content.readableBytes), of: self)
        let report = outcome(of: number, flags: flags, deadline: deadline)
        write(frame)
        return report
    }

    private func outcome(
        of number: Int32, flags: PacketFlags, deadline: Duration
    ) -> EventLoopFuture<PushReport> {
        guard !flags.isDisjoint(with: [.autoAck, .bizAck]) else {
            return core.loop.makeSucceededFuture(
                PushReport(connection: session.id, number: number, outcome: .sent))
        }
        let promise = core.loop.makePromise(of: PushReport.self)
        let owner = timer.schedule(in: deadline) { [weak self] in
            guard let self else { return }
            self.ackDeadlineReached(number)
        }
        pending[number] = PendingPush(number: number, sentAt: timer.now, promise: promise, deadline: owner)
        return promise.futureResult
    }

    private func ackDeadlineReached(_ number: Int32) {
        guard let push = pending.removeValue(forKey: number) else { return }
        core.registry.statistics.ackTimeouts += 1
        core.record(.ackTimedOut(number: number), of: self)
        push.promise.succeed(PushReport(connection: session.id, number: number, outcome: .timedOut))
    }

    /// An ACK came; one that nobody waits for is ignored.
    func settle(_ number: Int32) {
        guard let push = pending.removeValue(forKey: number) else { return settleFlood(number) }
        timer.remove(push.deadline)
        let latency = timer.now - push.sentAt
        core.registry.statistics.acknowledged(after: latency)
        core.record(.acknowledged(number: number, latency: latency), of: self)
        push.promise.succeed(
            PushReport(connection: session.id, number: number, outcome: .acknowledged(after: latency)))
    }

    /// The connection is gone: no ACK can come any more.
    func losePushes() {
        let lost = pending
        pending = [:]
        for (number, push) in lost.sorted(by: { $0.key < $1.key }) {
            timer.remove(push.deadline)
            push.promise.succeed(PushReport(connection: session.id, number: number, outcome: .lost))
        }
        endFlood()
    }

    /// Sends `count` pushes as fast as the socket takes them.
    func flood(_ content: ByteBuffer, count: Int, flags: PacketFlags) -> EventLoopFuture<FloodReport> {
        guard sealer.hasSession, !isClosing else {
            return core.loop.makeFailedFuture(SimulatorError.notOpen(session.id))
        }
        guard flood == nil else { return core.loop.makeFailedFuture(SimulatorError.busy(session.id)) }
        let count = max(0, min(count, PushFlood.maximumCount))
        let promise = core.loop.makePromise(of: FloodReport.self)
        flood = PushFlood(
            content: content, count: count, flags: flags, firstNumber: core.takeNumbers(Int32(count)),
            promise: promise, at: timer.now)
        continueFlood()
        return promise.futureResult
    }

    /// Writes while the socket takes it.
    func continueFlood() {
        guard flood != nil, !isClosing, let context else { return }
        while context.channel.isWritable, let batch = nextBatch() {
            context.writeAndFlush(wrapOutboundOut(batch), promise: nil)
        }
        if flood?.isComplete == true { endFlood() }
    }

    private func nextBatch() -> ByteBuffer? {
        guard var flood, !isClosing else { return nil }
        self.flood = nil
        defer { self.flood = flood }
        var batch = ByteBuffer()
        batch.reserveCapacity(Self.batchSize + Frame.headerLength)
        while batch.readableBytes < Self.batchSize, let number = flood.nextNumber() {
            let push = PlainFrame(
                .push, flags: flood.flags, number: number, body: flood.content, isSealed: true)
            guard (try? append(push, to: &batch)) != nil else { break }
            core.registry.statistics.pushes += 1
        }
        return batch.readableBytes > 0 ? batch : nil
    }

    private func settleFlood(_ number: Int32) {
        guard flood?.acknowledge(number) == true else { return }
        core.registry.statistics.acks += 1
        if flood?.isComplete == true { endFlood() }
    }

    private func endFlood() {
        guard let flood else { return }
        self.flood = nil
        let report = flood.ended(at: timer.now)
        core.record(.flooded(report), of: self)
        flood.promise.succeed(report)
    }
}
