import Foundation

/// Threads that do the same at once.
enum ThreadGroup {
    /// Runs `work` on `count` threads, each with its number, and waits for all.
    static func run(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
        let done = DispatchGroup()
        for number in 0..<count {
            done.enter()
            Thread.detachNewThread {
                work(number)
                done.leave()
            }
        }
        done.wait()
    }
}
