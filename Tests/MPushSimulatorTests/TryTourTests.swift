import MPushSimulator
import Testing

/// What `mpush-sim try` suggests, and when.
@Suite struct TryTourTests {
    private var tour = TryTour(controlProgram: "./mpushctl", socketPath: "/tmp/s")

    private mutating func commands(after text: String) -> [String] {
        tour.observed(.log(DemoLogLine("2026-11-27T04:00:00Z info \(text)"))).flatMap(\.commands)
    }

    private static let delivery = "route hello: printf: \(TryConfiguration.printedWords)Good morning"
    private static let loss = "connection to 127.0.0.1:1 lost: closed by the server; again in 1 s"

    @Test mutating func suggestsOneThingAfterTheOther() {
        #expect(commands(after: "mpushd started: 1 identity") == [])
        #expect(commands(after: "online as alice at 127.0.0.1:1 (71 ms)") == ["push alice Good morning"])
        #expect(
            commands(after: Self.delivery)
                == ["export MPUSHD_SOCKET=/tmp/s", "./mpushctl status", "./mpushctl messages", "drop"])
        #expect(commands(after: Self.loss) == [])
        #expect(commands(after: "online as alice at 127.0.0.1:1 (resumed in 71 ms)") == ["help"])
    }

    /// Who goes his own way is not told things twice, nor what is not the next.
    @Test mutating func suggestsNothingTwice() {
        #expect(commands(after: Self.delivery) == [])
        #expect(commands(after: "online as alice at 127.0.0.1:1 (71 ms)").count == 1)
        #expect(commands(after: Self.loss) == [])
        #expect(commands(after: "online as alice at 127.0.0.1:1 (71 ms)") == [])
        #expect(commands(after: Self.delivery).count == 4)
        #expect(commands(after: Self.delivery) == [])
    }
}
