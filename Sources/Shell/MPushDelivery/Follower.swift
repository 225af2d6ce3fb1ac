/// A named follower's hold on its messages, for as long as it is connected. Belongs to the event loop.
package final class Follower {
    private weak var runner: FollowerRunner?

    init(_ runner: FollowerRunner) {
        self.runner = runner
    }

    /// The sink can take more.
    package func wantsMore() { runner?.wantsMore() }

    /// The follower is gone; what it did not acknowledge is there when it comes back.
    package func close() {
        runner?.disconnect()
        runner = nil
    }
}
