import FoundationEssentials

/// All that was measured.
struct BenchReport: Encodable {
    let machine: Machine
    let idle: IdleResult
    let pushes: [PushResult]
    let reconnects: [ReconnectResult]
    let stores: [StoreResult]
    let streams: [StreamResult]
    let inbox: [InboxResult]
    let webhooks: [WebhookResult]
    let latency: LatencyResult
    let aims: [Aim]

    init(
        machine: Machine, idle: IdleResult, pushes: [PushResult], reconnects: [ReconnectResult], stores: [StoreResult],
        streams: [StreamResult], inbox: [InboxResult], webhooks: [WebhookResult], latency: LatencyResult
    ) {
        self.machine = machine
        self.idle = idle
        self.pushes = pushes
        self.reconnects = reconnects
        self.stores = stores
        self.streams = streams
        self.inbox = inbox
        self.webhooks = webhooks
        self.latency = latency
        aims =
            Self.idleAims(idle) + Self.pushAims(pushes) + Self.storeAims(stores, latency) + Self.streamAims(streams)
            + Self.inboxAims(inbox) + Self.webhookAims(webhooks)
    }

    func writeJSON(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try TextFile.write(try encoder.encode(self) + [0x0A], to: path)
    }

    private static func idleAims(_ idle: IdleResult) -> [Aim] {
        [
            Aim(what: "one thread", measured: "\(idle.threads)", isMet: idle.threads == 1),
            Aim(
                what: "9 MiB of PSS or less", measured: Figure.mebibytes(idle.memory.proportional),
                isMet: idle.memory.proportional <= 9 << 20),
            Aim(
                what: "4 MiB of anonymous memory or less", measured: Figure.mebibytes(idle.memory.anonymous),
                isMet: idle.memory.anonymous <= 4 << 20),
            Aim(
                what: "no wake-up beside heartbeats and watchdog", measured: "\(idle.unexplained)",
                isMet: idle.unexplained == 0),
        ]
    }

    /// A bare reader that neither prints nor acknowledges is no measure for a daemon that does.
    private static func pushAims(_ pushes: [PushResult]) -> [Aim] {
        pushes.flatMap { $0.isAcknowledged ? [cpuAim($0)] : [rateAim($0), cpuAim($0)] }
    }

    private static func storeAims(_ stores: [StoreResult], _ latency: LatencyResult) -> [Aim] {
        stores.map { result in
            Aim(
                what: "half the bare inserter's rate or more: \(result.name)", measured: Figure.short(result.ratio),
                isMet: result.ratio >= 0.5)
        } + [
            Aim(
                what: "ACK within 5 ms beside a sync, 99th percentile",
                measured: "\(Figure.short(latency.ack.p99 - latency.sync.p99)) ms",
                isMet: latency.ack.p99 - latency.sync.p99 <= 5)
        ]
    }

    private static func streamAims(_ streams: [StreamResult]) -> [Aim] {
        streams.map { result in
            Aim(
                what: "50,000 a second through a stream or more: \(result.name)",
                measured: Figure.grouped(result.perSecond), isMet: result.perSecond >= 50_000)
        }
    }

    /// Twice, because a tree of a million rows is deeper, and no longer in SQLite's cache.
    private static func inboxAims(_ inbox: [InboxResult]) -> [Aim] {
        inbox.map { result in
            Aim(
                what: "twice as long as beside 1,000, or less: \(result.name)", measured: Figure.short(result.ratio),
                isMet: result.ratio <= 2)
        }
    }

    private static func webhookAims(_ webhooks: [WebhookResult]) -> [Aim] {
        webhooks.compactMap { result in
            result.aim.map { aim in
                Aim(
                    what: "\(Figure.grouped(aim)) messages a second or more: \(result.name)",
                    measured: Figure.grouped(result.perSecond), isMet: result.perSecond >= aim)
            }
        }
    }

    private static func rateAim(_ result: PushResult) -> Aim {
        let ratio = result.rateRatios[ReaderVariant.bare.rawValue] ?? .nan
        return Aim(
            what: "half the bare reader's rate or more: \(result.name)", measured: Figure.short(ratio),
            isMet: ratio >= 0.5)
    }

    private static func cpuAim(_ result: PushResult) -> Aim {
        let cpu = result.daemon.cpuMicrosecondsPerPush
        return Aim(what: "10 us of CPU a push or less: \(result.name)", measured: Figure.short(cpu), isMet: cpu <= 10)
    }
}
