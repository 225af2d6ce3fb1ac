import MPushConnection
import MPushPlatform
import NIOCore
import NIOPosix

/// The one event loop of the targets whose handlers have deadlines, which the kernel keeps: nothing is on it while no input
/// is taken in.
enum FuzzLoop {
    /// What belongs to the loop and is made once.
    struct World {
        let surroundings: Connector.Environment
        let api: FuzzAPI
    }

    private static let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()

    private static let world = Result<NIOLoopBound<World>, any Error> {
        try loop.submit {
            let timer = try LoopTimer(on: loop, clock: MachineClock())
            let surroundings = Connector.Environment(
                eventLoop: loop, timer: timer,
                lookup: NameLookup(
                    by: timer, network: MachineNetwork(threads: ShortThreads()) { _, _, _ in .success([]) }))
            return NIOLoopBound(
                World(surroundings: surroundings, api: try FuzzAPI(timer: timer, eventLoop: loop)), eventLoop: loop)
        }.wait()
    }

    /// Runs `body` on the loop, and waits for it.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable (World) throws(InvariantViolation) -> Value
    ) throws(InvariantViolation) -> Value {
        let result: Result<Value, InvariantViolation>
        do {
            let world = try world.get()
            result = try loop.submit { () -> Result<Value, InvariantViolation> in
                do throws(InvariantViolation) {
                    return .success(try body(world.value))
                } catch {
                    return .failure(error)
                }
            }.wait()
        } catch {
            throw InvariantViolation("no event loop: \(error)")
        }
        return try result.get()
    }
}
