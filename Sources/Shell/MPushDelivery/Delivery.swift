package import MPushInbox
package import MPushNetwork
package import MPushSettings
package import MPushSystemd

/// Hands stored messages to routes and followers, each at its own pace and with a durable cursor of its own. Belongs to
/// its event loop.
package final class Delivery {
    /// What delivery needs of its surroundings.
    package struct Surroundings {
        package let inbox: Inbox
        package let connectors: Connector.Surroundings
        package let log: Logger
        /// `mpushd/1.0`: for webhooks.
        package let userAgent: String

        package init(inbox: Inbox, connectors: Connector.Surroundings, log: Logger, userAgent: String) {
            self.inbox = inbox
            self.connectors = connectors
            self.log = log
            self.userAgent = userAgent
        }
    }

    /// No routes yet. The observer is not kept alive.
    package init(in surroundings: Surroundings, observer: any DeliveryObserver) {
    }

    /// These routes are configured now: those of a name that was there before go on where they are, with the new settings.
    package func apply(_ routes: [LoadedRoute]) {}

    /// Messages were stored just now, in this order: whoever waits for the next ones gets them without asking the disk.
    package func stored(_ messages: [StoredMessage]) {}

    /// The inbox began anew, with an empty database: every consumer begins at its first message.
    package func inboxBegunAnew() {}

    /// What there is to say of the routes, in the order of the configuration.
    package var status: [RouteStatus] { [] }

    /// Takes back dead letters of `route`, to be sent again: those at `positions`, or all. `done` has how many there were.
    package func sendAgain(
        _ positions: [MessagePosition]?, of route: String, done: @escaping (Result<Int, InboxFailure>) -> Void
    ) {
        done(.success(0))
    }

    /// Messages for a named follower, from where it came to; with a window of `window` that are not acknowledged. A name
    /// has one follower at a time: the one before is ended. `fromOldest` says where a new name begins.
    package func follow(
        _ name: String, window: Int, fromOldest: Bool, sink: any FollowerSink,
        done: @escaping (Result<Follower, InboxFailure>) -> Void
    ) {
        done(.failure(InboxFailure(.busy, "there are no followers yet")))
    }

    /// The message at `position` is confirmed by the follower `name`, connected or not; with `upTo` all before it as well.
    package func acknowledge(
        _ position: MessagePosition, upTo: Bool, by name: String, done: @escaping (InboxFailure?) -> Void
    ) {
        done(nil)
    }

    /// Ends what is under way: programs with their process groups, requests, followers. `done` is called when nothing is
    /// left and all is recorded.
    package func stop(done: @escaping () -> Void) { done() }
}
