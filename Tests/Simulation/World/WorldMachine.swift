package import MPushModel

/// A machine of a world: its clocks, its place on the network, and the process that runs on it now. What happens to all of
/// them at once happens here.
package final class WorldMachine: @unchecked Sendable {
    package let name: String
    package let clock: WorldClock
    package let host: WorldHost
    package let bus: WorldBus
    package private(set) var loop: WorldLoop
    package private(set) var threads: WorldThreads
    private let scheduler: WorldScheduler
    private let random: WorldRandom
    private var processes = 1

    /// A machine with `addresses` that runs.
    package init(
        _ name: String, addresses: [String], on network: WorldNetwork, random: WorldRandom,
        wall: WallTime = WorldClock.epoch
    ) {
        self.name = name
        self.random = random.fork(name)
        scheduler = network.scheduler
        clock = WorldClock(on: scheduler, random: self.random, wall: wall)
        bus = WorldBus(self.random.fork("bus"))
        loop = WorldLoop(name, on: scheduler)
        threads = WorldThreads(on: loop, random: self.random)
        host = network.makeHost(name, addresses: addresses, loop: loop)
    }

    /// The machine sleeps for `duration`: nothing runs on it, packets for it are lost, and what was due is done after.
    package func suspend(for duration: Duration) {
        bus.sleeps()
        loop.sleep()
        clock.sleep()
        host.sleep()
        scheduler.schedule(in: duration) { [self] in
            clock.wake()
            host.wake()
            loop.wake()
            bus.woke()
        }
    }

    /// The process does nothing for `duration`, as one that was stopped or that hangs; its machine goes on, and takes and
    /// acknowledges what is sent to it, as far as its buffers go.
    package func hang(for duration: Duration) {
        let loop = loop
        loop.sleep()
        scheduler.schedule(in: duration) { loop.wake() }
    }

    /// The process dies at once. Its machine resets its connections; another process begins on `loop`, which is new.
    package func crashProcess() {
        let next = makeLoop()
        host.crashProcess(next: next)
        loop = next
    }

    /// The machine loses its power at once.
    package func powerOff() {
        host.powerOff()
    }

    /// The machine starts anew: its clocks begin, and there is a new loop for a process. The wall clock shows `wall`; nil
    /// where a battery kept it.
    package func powerOn(wall: WallTime? = nil) {
        loop = makeLoop()
        host.powerOn(loop: loop)
        clock.reboot(wall: wall)
    }

    private func makeLoop() -> WorldLoop {
        processes += 1
        let loop = WorldLoop("\(name) \(processes)", on: scheduler)
        threads = WorldThreads(on: loop, random: random)
        return loop
    }
}
