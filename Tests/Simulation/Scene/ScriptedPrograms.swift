import MPushModel
import MPushPlatform
import MPushWorld
import NIOCore

/// How the programs of one route fare now.
struct ProgramMood {
    /// How long one takes.
    var takes: ClosedRange<Duration> = .milliseconds(5) ... .milliseconds(200)
    /// The share that ends with status 75, without having done anything.
    var isBusy = 0.0
    /// The share that has done its work and is killed before it can say so.
    var losesWord = 0.0
    /// The share that does not end by itself.
    var hangs = 0.0
    /// None can be started, with a number of errno(3).
    var cannotStart: CInt?
}

/// Programs that are not there: what they would do is done to the ledger. Belongs to one run of the daemon.
final class ScriptedPrograms: ProgramStarter {
    private struct Running {
        let done: (ProgramEnd) -> Void
        /// The message that it works on, by its route, identity and id.
        var work = ""
        var isStopped = false
    }

    private let loop: WorldLoop
    private let random: WorldRandom
    private let ledger: Ledger
    private let moods: ProgramMoods
    private var running: [UInt64: Running] = [:]
    private var streams: [UInt64: ScriptedStream] = [:]
    private var lastNumber: UInt64 = 0

    init(on loop: WorldLoop, random: WorldRandom, ledger: Ledger, moods: ProgramMoods) {
        self.loop = loop
        self.random = random
        self.ledger = ledger
        self.moods = moods
        moods.programs = self
    }

    func start(_ launch: ProgramLaunch, done: @escaping (ProgramEnd) -> Void) -> ProgramHandle {
        lastNumber += 1
        let number = lastNumber
        running[number] = Running(done: done)
        let route = launch.value("MPUSH_ROUTE")
        let mood = moods[route]
        if let errorNumber = mood.cannotStart {
            end(number, .notStarted(number: errorNumber, .execute), after: .milliseconds(1))
        } else if random.chance(mood.hangs) {
            end(number, .timedOut, after: launch.timeLimit)
        } else {
            begin(number, launch, route, mood)
        }
        return ProgramHandle(number: number)
    }

    private func begin(_ number: UInt64, _ launch: ProgramLaunch, _ route: String, _ mood: ProgramMood) {
        let (id, user) = (launch.value("MPUSH_ID"), launch.value("MPUSH_USER"))
        let work = "\(route) \(launch.value("MPUSH_IDENTITY")) \(id)"
        if running.values.contains(where: { $0.work == work && !$0.isStopped }) {
            ledger.report("once at a time", "route \(route) runs a program for \(id) while another one works on it")
        }
        running[number]?.work = work
        let time = random.skewedDuration(in: mood.takes)
        guard time < launch.timeLimit else { return end(number, .timedOut, after: launch.timeLimit) }
        if random.chance(mood.isBusy) { return end(number, .exited(status: 75), after: time) }
        if route == moods.fussy, ledger.isPoison(id) {
            return end(number, .exited(status: 1), after: time) { [ledger] in ledger.refused(id, by: route) }
        }
        let losesWord = random.chance(mood.losesWord)
        // What it does is done somewhere in its time, and its word comes at the end.
        after(random.duration(in: .zero...time)) { [self] in
            guard running[number]?.isStopped == false else { return }
            ledger.received(
                id, user: user, by: route, keepsOrder: moods.inOrder.contains(route), at: loop.scheduler.elapsed)
        }
        end(number, losesWord ? .killed(signal: 9) : .exited(status: 0), after: time) { [ledger] in
            if !losesWord { ledger.confirmed(id, by: route) }
        }
    }

    func stop(_ handle: ProgramHandle) {
        if let stream = streams[handle.number] { return stream.stop() }
        guard running[handle.number]?.isStopped == false else { return }
        running[handle.number]?.isStopped = true
        end(handle.number, .stopped, after: .milliseconds(10))
    }

    func converse(
        _ launch: ProgramLaunch, heard: @escaping (ByteBuffer) -> Void, done: @escaping (ProgramEnd) -> Void
    ) -> ProgramHandle {
        lastNumber += 1
        let number = lastNumber
        let route = launch.value("MPUSH_ROUTE")
        if let errorNumber = moods[route].cannotStart {
            running[number] = Running(done: done)
            end(number, .notStarted(number: errorNumber, .execute), after: .milliseconds(1))
        } else {
            let stream = ScriptedStream(
                route, on: loop, random: random, ledger: ledger, moods: moods, heard: heard,
                done: { [weak self] end in
                    self?.streams[number] = nil
                    done(end)
                })
            streams[number] = stream
            stream.write(launch.input)
        }
        return ProgramHandle(number: number)
    }

    func write(_ bytes: ByteBuffer, to handle: ProgramHandle) { streams[handle.number]?.write(bytes) }

    func close() {}

    /// SIGKILL for all programs of streams.
    func killStreams() {
        for number in streams.keys.sorted() { streams[number]?.kill() }
    }

    private func end(
        _ number: UInt64, _ end: ProgramEnd, after delay: Duration, _ effect: @escaping () -> Void = {}
    ) {
        after(delay) { [self] in
            guard let program = running[number] else { return }
            if program.isStopped { if case .stopped = end {} else { return } }
            running[number] = nil
            effect()
            program.done(end)
        }
    }

    private func after(_ delay: Duration, _ work: @escaping () -> Void) {
        loop.assumeIsolated().scheduleTask(in: .nanoseconds(delay.wholeNanoseconds), work)
    }
}

/// How the programs of all routes fare, set from outside.
final class ProgramMoods: @unchecked Sendable {
    private var moods: [String: ProgramMood] = [:]
    /// Those of the daemon's present run.
    fileprivate(set) weak var programs: ScriptedPrograms?
    /// Routes that promise an order.
    var inOrder: Set<String> = []
    /// The route whose program refuses some messages for good.
    var fussy: String?

    subscript(_ route: String) -> ProgramMood {
        get { moods[route] ?? ProgramMood() }
        set { moods[route] = newValue }
    }

    func calmDown() { moods = [:] }
}

extension ProgramLaunch {
    /// The value of a variable of its environment; empty where it is not there.
    fileprivate func value(_ name: String) -> String {
        environment.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.utf8.count + 1)) } ?? ""
    }
}
