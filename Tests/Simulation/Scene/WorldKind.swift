import MPushWorld

/// What a world is like: how often trouble comes in it, and which.
package enum WorldKind: String, CaseIterable, Hashable, Sendable {
    /// Trouble of all kinds, every few minutes or hours.
    case dense
    /// Weeks in which little happens, as a machine in the field has them.
    case calm
    /// One power cut after the other, most of them while something is written: a message, a start, the very first one.
    case cuts
    /// A stream, and one kill after the other of its program and of the daemon, while messages are without an answer.
    case kills

    /// The one of `seed` where a run is to have all of them: of ten worlds one is calm, two have power cuts, and one
    /// has kills.
    package static func mixed(_ seed: UInt64) -> WorldKind {
        switch seed % 10 {
        case 0: .calm
        case 1, 2: .cuts
        case 3: .kills
        default: .dense
        }
    }

    /// How many days there are for each that was asked for: the others cost little when nothing happens.
    package var daysForEach: Int { self == .calm ? 60 : 1 }

    /// Between two troubles.
    func pause(_ random: WorldRandom) -> ClosedRange<Duration> {
        switch self {
        case .dense: .seconds(10) ... .seconds(Int64(600 << random.below(6)))
        case .calm: .seconds(3600) ... .seconds(24 * 3600)
        case .cuts: .milliseconds(100) ... .seconds(Int64(300 << random.below(3)))
        case .kills: .milliseconds(100) ... .seconds(Int64(60 << random.below(3)))
        }
    }

    /// Between two messages.
    var senderPause: ClosedRange<Duration> {
        switch self {
        case .dense: .seconds(5) ... .seconds(1800)
        case .calm: .seconds(60) ... .seconds(12 * 3600)
        case .cuts, .kills: .seconds(5) ... .seconds(900)
        }
    }

    /// How many starts an hour has at most, of all whose lines in the journal are counted.
    var mostStarts: Int { self == .kills ? 200 : 20 }

    /// Each world has its own mixture.
    func troubles(_ random: WorldRandom) -> [Trouble] {
        switch self {
        case .dense, .calm: Trouble.all.filter { _ in random.chance(0.5) }
        case .cuts: Trouble.cuts + aFewOthers(random)
        case .kills: Trouble.kills + aFewOthers(random)
        }
    }

    private func aFewOthers(_ random: WorldRandom) -> [Trouble] {
        (Trouble.disk + Trouble.servers + Trouble.people).filter { _ in random.chance(0.1) }
    }
}

extension Trouble {
    /// Power cuts for a world that has little else. The weights make nearly all of them hit a write.
    static var cuts: [Trouble] {
        [
            Trouble("the power fails in the middle of a write", weight: 20) { world in
                world.device.disk.failPower(after: world.random.below(30))
            },
            Trouble("the power fails while messages are stored", weight: 40) { world in
                guard world.device.daemon != nil else { return }
                world.device.disk.failPower(after: world.random.below(20))
                world.sender.sendNow(1 + world.random.below(20))
            },
            Trouble("the power fails in the next start", weight: 30) { world in
                guard world.device.daemon != nil else { return }
                world.device.kill()
                world.device.disk.failPower(after: world.random.below(60))
            },
            Trouble("the power is cut for a moment", weight: 10) { world in
                world.device.cutPower(for: world.random.skewedDuration(in: .seconds(1) ... .seconds(60)), wall: nil)
            },
            failedSync(weight: 10), failedSyncOfNotes(weight: 5),
        ]
    }
}
