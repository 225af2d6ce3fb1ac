import MPushWorld

/// Kills of either side of a stream, nearly all of them while messages are without an answer.
extension Trouble {
    static var kills: [Trouble] {
        [
            Trouble("a stream's program is killed while it works", weight: 50) { world in
                world.whileAStreamWorks { world.device.killStreams() }
            },
            Trouble("the daemon is killed while a stream works", weight: 50) { world in
                world.whileAStreamWorks { world.device.kill() }
            },
        ]
    }
}

extension World {
    /// Does `work` a moment after the program of a stream has got some of the messages that are sent now.
    fileprivate func whileAStreamWorks(_ work: @escaping () -> Void) {
        guard device.daemon != nil, !device.machine.loop.isAsleep else { return }
        ledger.onUnanswered = { [self] in
            ledger.onUnanswered = nil
            scheduler.schedule(in: random.duration(in: .zero ... .milliseconds(100))) { [self] in
                if !isPeaceful { work() }
            }
        }
        sender.sendNow(1 + random.below(20))
    }
}
