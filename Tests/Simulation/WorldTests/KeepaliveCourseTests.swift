import MPushControl
import MPushModel
import MPushTestSupport
import MPushWorld
import Testing

@testable import MPushScene

/// The daemon with `ping_every = "auto"` on networks that forget after half a minute to half an hour, and then after another
/// time: what is known of each after a day, and how long the server cannot reach the daemon from then on.
@Suite(.serialized) struct KeepaliveCourseTests {
    struct Course: CustomTestStringConvertible, Sendable {
        /// How long the network keeps what is silent, in seconds: a day and a half each.
        let times: [Int]
        var answer = WorldLink.Translator.Answer.silence
        /// One way, in milliseconds.
        var latency = 20
        var loss = 0.0

        var testDescription: String {
            "\(times), \(answer)\(latency == 20 ? "" : ", \(2 * latency) ms")\(loss == 0 ? "" : ", \(loss) lost")"
        }
    }

    static let courses = [
        Course(times: [30]), Course(times: [45], answer: .reset), Course(times: [300]), Course(times: [1800]),
        Course(times: [1800, 30, 1800]), Course(times: [60, 600, 60, 40]),
        Course(times: [300, 240, 330, 1500, 31], answer: .reset),
        Course(times: [30], latency: 300), Course(times: [60], latency: 300), Course(times: [600], latency: 300),
        Course(times: [1800, 30, 120], latency: 300), Course(times: [90, 45], latency: 300, loss: 0.01),
    ]

    private let world: QuietWorld

    init() throws { world = try QuietWorld(pingEvery: "auto", heartbeat: .seconds(3600)) }

    /// Within a tenth in a day, and from then on deaf for a hundredth of the time at most.
    @Test(.disabled(if: ThreadSanitizer.isOn, "a world has one thread"), arguments: courses)
    func followsTheNetwork(course: Course) throws {
        world.setPath(latency: .milliseconds(course.latency), loss: course.loss)
        var deaf = DeafTime(world)
        for time in course.times {
            world.forget(after: time, course.answer)
            deaf.run(for: 86_400)
            let report = try #require(world.reports.first?.keepalive)
            let estimate = report.reading.estimate ?? .zero
            #expect(abs(estimate / .seconds(time) - 1) < 0.1, "\(time) s: \(report.sentence)")
            let before = deaf.total
            deaf.run(for: 43_200)
            let share = (deaf.total - before) / .seconds(43_200)
            #expect(share <= 0.01, "\(time) s: deaf for \((deaf.total - before).humanReadable)")
        }
        #expect(deaf.count > 0)
    }
}

/// How long a daemon's only connection was one that the network had forgotten, or none.
private struct DeafTime {
    private(set) var total = Duration.zero
    private(set) var count = 0
    private let world: QuietWorld
    private let forgotten = Forgotten()

    private final class Forgotten {
        var since: Duration?
    }

    init(_ world: QuietWorld) {
        self.world = world
        world.link.onForgotten = { [forgotten] since in forgotten.since = forgotten.since ?? since }
    }

    mutating func run(for seconds: Int) {
        let scheduler = world.scheduler
        let end = scheduler.elapsed + .seconds(seconds)
        while scheduler.run(upTo: end - scheduler.elapsed, until: { forgotten.since != nil }) {
            let before = world.connections
            scheduler.run(upTo: .seconds(600)) {
                world.reports.first?.state == .online && world.connections > before
            }
            total += scheduler.elapsed - (forgotten.since ?? scheduler.elapsed)
            count += 1
            forgotten.since = nil
        }
    }
}
