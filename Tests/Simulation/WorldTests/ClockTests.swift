import Glibc
import MPushModel
import MPushPlatform
import MPushWorld
import NIOCore
import Testing

@Suite struct ClockTests {
    private let scheduler = WorldScheduler()
    private let network: WorldNetwork
    private let machine: WorldMachine

    init() {
        let random = WorldRandom(seed: 1)
        network = WorldNetwork(on: scheduler, random: random)
        machine = WorldMachine("client", addresses: ["192.0.2.1"], on: network, random: random)
    }

    private var clock: WorldClock { machine.clock }

    @Test func clocksGoOn() {
        let start = clock.now
        #expect(clock.wall == WorldClock.epoch && clock.monotonic == start.sinceBoot)
        scheduler.run(for: .seconds(90))
        #expect(clock.now == start + .seconds(90))
        #expect(clock.wall.millisecondsSince1970 == 90_000)
        #expect(clock.monotonic == start.sinceBoot + .seconds(90))
    }

    @Test func theWallClockJumpsAndIsSteered() {
        let day = WallTime(millisecondsSince1970: 1_790_000_000_000)
        let start = clock.now
        clock.setWall(day)
        scheduler.run(for: .seconds(10))
        #expect(clock.wall == day.advanced(by: .seconds(10)))
        clock.moveWall(by: .seconds(-3600))
        #expect(clock.wall == day.advanced(by: .seconds(10 - 3600)))
        clock.steerWall(by: .seconds(-1))
        scheduler.run(for: .seconds(1000))
        #expect(clock.wall == day.advanced(by: .seconds(1010 - 3600) - .milliseconds(500)))
        scheduler.run(for: .seconds(5000))
        #expect(clock.wall == day.advanced(by: .seconds(6010 - 3600 - 1)))
        #expect(clock.now == start + .seconds(6010))
    }

    /// With a kernel that says so within no time, and without one within a second; steering is no step.
    @Test(arguments: [true, false])
    func aStepOfTheWallClockIsNoticed(kernelSaysSo: Bool) throws {
        clock.tellsOfSteps = kernelSaysSo
        let timer = try LoopTimer(on: machine.loop, clock: clock)
        let watch = WallClockWatch(timer: timer) { nil }
        var steps: [Instant] = []
        watch.onStep { steps.append(self.clock.now) }
        watch.setWaiting(true, timer)
        scheduler.run(for: .milliseconds(2500))
        clock.steerWall(by: .seconds(10))
        scheduler.run(for: .seconds(100_000))
        #expect(steps.isEmpty)
        for step in 1...3 {
            let start = clock.now
            clock.moveWall(by: .seconds(86_400 * step))
            scheduler.run(for: .seconds(5))
            #expect(steps.count == step)
            let limit = kernelSaysSo ? Duration.milliseconds(1) : .seconds(1)
            #expect(steps.last.map { $0 - start <= limit } == true)
        }
        watch.setWaiting(false, timer)
        clock.setWall(WorldClock.epoch)
        scheduler.run(for: .seconds(5))
        #expect(steps.count == 3)
        timer.close()
    }

    @Test func alarmsGoByTheTimeSinceTheBoot() throws {
        var rings: [Instant] = []
        let alarm = try clock.makeAlarm(on: machine.loop) { rings.append(self.clock.now) }
        let start = clock.now
        alarm.set(start + .seconds(100))
        alarm.set(start + .seconds(30))
        clock.moveWall(by: .seconds(100_000))
        scheduler.run(for: .seconds(200))
        alarm.set(start)
        scheduler.run(for: .seconds(1))
        alarm.set(start + .seconds(300))
        alarm.set(nil)
        scheduler.run(for: .seconds(200))
        alarm.set(clock.now + .seconds(1))
        alarm.close()
        scheduler.run(for: .seconds(2))
        #expect(rings == [start + .seconds(30), start + .seconds(200)])
    }

    @Test func nothingRunsOnAMachineThatSleepsAndWhatWasDueIsDoneAfter() throws {
        var rings: [Duration] = []
        let start = clock.now
        let timer = try LoopTimer(on: machine.loop, clock: clock)
        for seconds in [50, 10, 400] {
            timer.schedule(in: .seconds(seconds)) { rings.append(self.clock.now - start) }
        }
        scheduler.schedule(in: .seconds(20)) { self.machine.suspend(for: .seconds(300)) }
        scheduler.run(for: .seconds(25))
        #expect(clock.monotonic == start.sinceBoot + .seconds(20))
        scheduler.run(for: .seconds(475))
        #expect(rings == [.seconds(10), .seconds(320), .seconds(400)])
        #expect(clock.now == start + .seconds(500))
        #expect(clock.monotonic == start.sinceBoot + .seconds(200))
        timer.close()
    }

    @Test func aMachineThatStartsAnewHasNewClocks() throws {
        var rings = 0
        let alarm = try clock.makeAlarm(on: machine.loop) { rings += 1 }
        alarm.set(clock.now + .seconds(50))
        let bootID = clock.bootID
        clock.synchronise(to: WallTime(millisecondsSince1970: 1_790_000_000_000))
        scheduler.run(for: .seconds(10))
        let old = machine.loop
        machine.powerOff()
        scheduler.run(for: .seconds(100))
        machine.powerOn(wall: WorldClock.epoch)
        #expect(clock.now == .zero && clock.monotonic == .zero && clock.wall == WorldClock.epoch)
        #expect(
            clock.bootID != bootID && clock.bootID?.wholeMatch(of: /[0-9a-f]{32}/) != nil)
        #expect(rings == 0 && !clock.isWallSynchronised && old.isDead && !machine.loop.isDead)
        let next = try clock.makeAlarm(on: machine.loop) { rings += 1 }
        next.set(clock.now + .seconds(5))
        scheduler.run(for: .seconds(6))
        #expect(rings == 1)
    }

    @Test func threadsComeLateHangAndAreRefused() throws {
        let log = Log()
        let threads = machine.threads
        try threads.run { log.times.append(self.scheduler.elapsed) }
        #expect(log.times.isEmpty && threads.count == 1)
        scheduler.run(for: .milliseconds(10))
        #expect(log.times.count == 1 && (.microseconds(1) ... .milliseconds(3)).contains(log.times[0]))
        threads.gate = { .delay(.seconds(30)) }
        try threads.run { log.times.append(self.scheduler.elapsed) }
        threads.gate = { .hang }
        try threads.run { log.times.append(.zero) }
        threads.gate = { .refuse(EAGAIN) }
        #expect(throws: OSError(EAGAIN, "pthread_create")) { try threads.run {} }
        scheduler.run(for: .seconds(3600))
        #expect(log.times.count == 2 && log.times[1] > .seconds(30) && threads.count == 1)
        threads.gate = nil
        threads.releaseAll()
        scheduler.run(for: .seconds(1))
        #expect(log.times.count == 3 && threads.count == 0 && threads.most == 2)
    }

    private final class Log: @unchecked Sendable {
        var times: [Duration] = []
    }
}
