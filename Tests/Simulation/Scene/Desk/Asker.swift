import MPushModel
import MPushWorld
import NIOHTTP1

/// A person who asks how the daemon is, now and then: what needs no disk and no network is answered at once, whatever
/// happens to both.
final class Asker {
    private static let bound = Duration.milliseconds(5)
    private static let questions = ["/v1/status", "/metrics", "/v1/events", "/healthz"]

    private let desk: Desk
    private let ledger: Ledger
    /// How often an answer was there in time.
    private(set) var answers = 0

    init(at desk: Desk, _ ledger: Ledger) {
        self.desk = desk
        self.ledger = ledger
    }

    func start() {
        desk.scheduler.schedule(in: desk.random.skewedDuration(in: .seconds(1) ... .seconds(1800))) { [self] in
            if desk.isServed { ask(desk.random.element(of: Asker.questions)) }
            start()
        }
    }

    private func ask(_ path: String) {
        let run = desk.device.starts
        var isComplete = false
        var status = 0
        let request = desk.ask(.GET, path) { [self] news in
            switch news {
            case .status(let code): status = code
            case .complete:
                isComplete = true
                answers += 1
            case .bytes, .over: break
            }
        }
        desk.scheduler.schedule(in: Asker.bound) { [self] in
            let isStill = desk.isServed && desk.device.starts == run
            if isComplete {
                // A daemon that stops says so, and one that has something wrong says that it is not healthy.
                if ![200, 503].contains(status) {
                    ledger.report("the API answers", "\(path) is answered with \(status)")
                }
                return
            }
            guard isStill else { return request.cancel() }
            // One that is about to end need not answer.
            desk.scheduler.schedule(in: .seconds(10)) { [self] in
                request.cancel()
                guard desk.isServed, desk.device.starts == run else { return }
                ledger.report("the API answers", "\(path) is not answered in \(Asker.bound)")
            }
        }
    }
}
