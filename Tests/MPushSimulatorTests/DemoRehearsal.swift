import MPushModel
import MPushSimulator

/// Plays a demo without processes: a simulated clock, and a world in which all happens that an act expects, but for what
/// `omits` says.
struct DemoRehearsal {
    private(set) var director: DemoDirector
    private(set) var now = Instant.zero
    private(set) var actions: [DemoAction] = []
    private let acts: @Sendable (Int) -> [DemoAct]
    private let omits: (DemoExpectation) -> Bool
    private var scene = 0
    private var actsToCome: [DemoAct] = []
    private var announcedAct: DemoAct?
    private var connection: UInt64 = 0

    init(
        limit: Duration? = .seconds(1), acts: @escaping @Sendable (Int) -> [DemoAct] = DemoScript.acts,
        omits: @escaping (DemoExpectation) -> Bool = { _ in false }
    ) {
        director = DemoDirector(limit: limit, acts: acts)
        self.acts = acts
        self.omits = omits
    }

    var isFinished: Bool { actions.last == .finish }

    /// What the director complained of.
    var complaints: [String] {
        actions.compactMap { if case .complain(let words) = $0 { words } else { nil } }
    }

    /// Begins, and plays until the demo is over, or `count` deadlines have passed.
    mutating func run(steps count: Int = 1000) {
        tell { $0.started(at: $1) }
        for _ in 0..<count where !isFinished { step() }
    }

    /// Lets the time of the next deadline come.
    mutating func step() {
        guard let deadline = director.nextDeadline else { return }
        now = max(now, deadline)
        let act = announcedAct
        announcedAct = nil
        tell { $0.deadlineReached(at: $1) }
        if let act { play(act) }
        if actions.last == .stopDaemon { tell { $0.daemonEnded(.status(0), at: $1) } }
    }

    mutating func tell(_ fact: (inout DemoDirector, Instant) -> [DemoAction]) {
        for action in fact(&director, now) {
            actions.append(action)
            if case .announce = action { announced() }
        }
    }

    /// Something happens now.
    mutating func see(_ observation: DemoObservation) {
        tell { $0.observed(observation, at: $1) }
    }

    private mutating func announced() {
        if actsToCome.isEmpty {
            scene += 1
            actsToCome = acts(scene)
        }
        announcedAct = actsToCome.removeFirst()
    }

    private mutating func play(_ act: DemoAct) {
        now += .milliseconds(10)
        for expectation in act.expectations where !omits(expectation) {
            connection += 1
            for pattern in expectation.patterns { see(pattern.example(on: connection)) }
        }
    }
}
