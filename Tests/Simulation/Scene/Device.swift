import MPushConfiguration
import MPushConnection
import MPushDaemon
import MPushLocalAPI
import MPushModel
import MPushPlatform
import MPushSystemd
import MPushWorld
import NIOCore

/// The machine that the daemon runs on, with its disk, and the service manager that starts it again: the same objects that
/// `mpushd run` composes, on what the world gives them.
final class Device {
    static let address = "192.0.2.10"
    static let configuration = "/etc/mpushd/mpushd.toml"
    static let stateDirectory = "/state"
    /// Restart= of the unit.
    private static let restartAfter = Duration.seconds(10)
    /// TimeoutStopSec= of the unit.
    private static let stopLimit = Duration.seconds(10)

    let machine: WorldMachine
    let disk: SimulatedDisk
    let source = WorldSource()
    let moods = ProgramMoods()
    let log: WorldLog
    let scheduler: WorldScheduler
    let ledger: Ledger
    private var random: WorldRandom
    private(set) var daemon: Daemon?
    private var process: DiskProcess?
    /// Whether the service manager starts it again.
    var isWanted = true
    /// Whether the machine has power.
    private(set) var hasPower = true
    /// Threads that wait for the disk.
    private(set) var starts = 0
    /// How often the machine lost its power, and how often while the daemon ran.
    private(set) var powerCuts = 0
    private(set) var powerCutsOfDaemon = 0
    /// Whether something was wrong with the disk when the daemon was started: then its lock may have no name.
    private(set) var startedInTrouble = false
    /// A number of errno(3) where no thread can be started.
    var threadShortage: CInt?
    /// Where the local API is served; nil for nowhere.
    var local: WorldHost?
    /// Sees the disk as a power cut left it.
    var onPowerCut: () -> Void = {}
    /// Whether its wall clock ever began anew.
    private(set) var wasIn1970 = false
    /// Why the last start failed.
    private(set) var lastRefusal: String?
    private var restart: WorldScheduler.Task?
    /// When the daemon was started last; nil while it does not run.
    private(set) var runningSince: Duration?

    init(on network: WorldNetwork, random: WorldRandom, ledger: Ledger, wall: WallTime) {
        self.random = random.fork("device")
        self.ledger = ledger
        scheduler = network.scheduler
        machine = WorldMachine("device", addresses: [Device.address], on: network, random: random, wall: wall)
        let clock = machine.clock
        disk = SimulatedDisk(seed: self.random.next(), wallTime: { clock.wall })
        log = WorldLog(on: scheduler)
        let files = disk.process("setup")
        for directory in [Device.stateDirectory, "/mail"] { try? files.makeDirectory(directory, mode: 0o700) }
        try? files.syncDirectory("/")
    }

    /// What the local API can do; nil while the daemon does not run.
    var service: DaemonService? { daemon?.service }

    // MARK: - The service

    /// Starts the daemon, and starts it again for as long as it is wanted.
    func start() {
        guard isWanted, hasPower, daemon == nil else { return }
        starts += 1
        startedInTrouble = disk.troubles != DiskTroubles()
        let process = disk.process("mpushd \(starts)")
        self.process = process
        let (loop, threads) = (machine.loop, machine.threads)
        threads.gate = { [self] in
            threadShortage.map { .refuse($0) } ?? (disk.troubles.isHanging ? .hang : .run)
        }
        do {
            let daemon = try makeDaemon(process, threads)
            daemon.start()
            self.daemon = daemon
            runningSince = scheduler.elapsed
            lastRefusal = nil
            scheduler.trace.note(1, UInt64(starts), "device: mpushd is started (\(starts))")
        } catch {
            lastRefusal = "\(error)"
            scheduler.trace.note(2, UInt64(starts), "device: mpushd does not start: \(error)")
            process.crash()
            checkRefusal(error)
            startLater()
        }
        _ = loop
    }

    func makeDaemon(_ process: DiskProcess, _ threads: WorldThreads) throws -> Daemon {
        let clock = machine.clock
        let world = Machine(
            clock: clock, threads: threads, network: machine.host, routes: machine.host, sleepNews: machine.bus,
            files: process,
            memory: WorldMemory(),
            programs: { [loop = machine.loop, random, ledger, moods] _, _ in
                ScriptedPrograms(on: loop, random: random.fork("programs"), ledger: ledger, moods: moods)
            })
        let settings = try SettingsLoader.load(
            Device.configuration, version: "0", now: clock.wall, environment: source)
        let state = try StateDirectory(
            configured: settings.configuration.state.directory, serviceDirectory: nil, program: "mpushd",
            isService: true, files: process)
        let log = Logger(sink: log, minimumLevel: settings.logLevel)
        let loop = machine.loop
        var options = Daemon.Options(configurationFile: Device.configuration, printsMessages: false, version: "0")
        if let local { options.sockets = LocalSockets(on: local) }
        return try Daemon(
            settings, state: state,
            options: options,
            log: log, notifier: ServiceNotifier(environment: ServiceEnvironment { _ in nil }, clock: clock),
            machine: world, environment: source, on: loop, onStopped: { [weak self] code in self?.stopped(code, loop) })
    }

    private func stopped(_ code: CInt, _ loop: WorldLoop) {
        guard loop === machine.loop, daemon != nil else { return }
        scheduler.trace.note(3, UInt64(bitPattern: Int64(code)), "device: mpushd has ended with \(code)")
        // A turn later: it is in the middle of its last call.
        scheduler.schedule { [self] in
            guard loop === machine.loop, daemon != nil else { return }
            endProcess(wasKilled: false)
            startLater()
        }
    }

    private func startLater() {
        if let restart { scheduler.cancel(restart) }
        restart = scheduler.schedule(in: Device.restartAfter) { [self] in
            restart = nil
            start()
        }
    }

    private func endProcess(wasKilled: Bool = true) {
        ledger.daemonEnded(wasKilled: wasKilled)
        runningSince = nil
        process?.crash()
        process = nil
        if let daemon { scheduler.bury(daemon) }
        daemon = nil
        if hasPower {
            machine.crashProcess()
            local?.crashProcess(next: machine.loop)
        }
    }

    // MARK: - What happens to it

    /// SIGKILL.
    func kill() {
        guard daemon != nil, !machine.loop.isAsleep else { return }
        scheduler.trace.note(5, 0, "device: mpushd is killed")
        endProcess()
        startLater()
    }

    /// SIGKILL for the programs of streams.
    func killStreams() {
        guard daemon != nil, !machine.loop.isAsleep else { return }
        scheduler.trace.note(5, 1, "device: the programs of streams are killed")
        moods.programs?.killStreams()
    }

    /// SIGTERM; the service manager kills what does not end in time, and starts it again.
    func terminate() {
        guard !machine.loop.isAsleep, let daemon else { return }
        let (run, began) = (starts, machine.clock.monotonic)
        daemon.received(.terminate)
        scheduler.schedule(in: Device.stopLimit) { [self] in
            guard starts == run, self.daemon != nil, !machine.loop.isAsleep else { return }
            // What slept had less of the time. A disk that hangs is no excuse.
            if machine.clock.monotonic - began >= Device.stopLimit {
                ledger.report("a stop ends in time", "mpushd runs \(Device.stopLimit) after SIGTERM")
            }
            kill()
        }
    }

    /// The power fails, and is back after `duration`. The wall clock shows `wall` then; nil where a battery kept it.
    func cutPower(for duration: Duration, wall: WallTime?) {
        guard hasPower else { return }
        scheduler.trace.note(4, 0, "device: the power is off for \(duration)")
        hasPower = false
        powerCuts += 1
        if wall != nil { wasIn1970 = true }
        if daemon != nil { powerCutsOfDaemon += 1 }
        if let restart { scheduler.cancel(restart) }
        restart = nil
        if daemon != nil { endProcess() }
        machine.powerOff()
        local?.powerOff()
        var generator = random
        disk.powerCut(using: &generator)
        onPowerCut()
        scheduler.schedule(in: duration) { [self] in
            hasPower = true
            machine.powerOn(wall: wall)
            local?.powerOn(loop: machine.loop)
            start()
        }
    }

    /// The disk answers again.
    func releaseDisk() {
        disk.troubles.isHanging = false
        machine.threads.releaseAll()
    }
}

/// A world has its memory to itself.
private struct WorldMemory: MemoryKeeper {
    func trim() {}
    func releaseStartCode() {}
}
