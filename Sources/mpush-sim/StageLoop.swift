import ArgumentParser
import MPushPlatform
import MPushSimulator
import NIOCore
import NIOPosix

/// The event loop on which `try` and `demo` play: that of this thread.
enum StageLoop {
    /// Plays what `prepare` makes until that ends the process. What goes wrong before is printed, and thrown as the status to
    /// exit with.
    static func run(
        _ terminal: Terminal, _ prepare: () throws(ProgramFailure) -> (_ timer: LoopTimer) -> Void
    ) throws {
        Signals.terminationOrHangup.block()
        do throws(ProgramFailure) {
            let play = try prepare()
            var refusal: OSError?
            MultiThreadedEventLoopGroup.withCurrentThreadAsEventLoop { loop in
                do throws(OSError) {
                    play(try LoopTimer(on: loop, clock: MachineClock()))
                } catch {
                    refusal = error
                    loop.shutdownGracefully { _ in }
                }
            }
            if let refusal { throw ProgramFailure.noResources("timer", refusal.number) }
        } catch {
            terminal.printError(error.description)
            throw ExitCode(error.status)
        }
    }
}
