import MPushConfiguration
import MPushConnection
import MPushModel
import MPushPlatform
import MPushSupervision

/// Where to connect to, and when what was said of that by a clock that was wrong is asked again.
extension IdentityRunner {
    /// Somebody set the wall clock.
    func clockSet() {
        tell { supervisor, now in
            supervisor.clockSet(at: now)
            return []
        }
    }

    func askAllocator() {
        guard let url = settings.configuration.server.allocator else {
            return tell { supervisor, now in supervisor.allocatorFailed("none is configured", at: now) }
        }
        giveUpQuestion()
        let client = connections.allocatorClient(url, userAgent: services.userAgent) { [weak self] result in
            self?.allocator(url, answered: result)
        }
        phase = .allocating(client)
        client.start()
    }

    /// Where the allocator is being asked, its answer is not wanted any more.
    func giveUpQuestion() {
        guard case .allocating(let client) = phase else { return }
        client.cancel()
        phase = .resting
    }

    /// A client that was cancelled does not answer, so this is the answer that is awaited.
    private func allocator(
        _ url: HTTPURL, answered result: Result<[Endpoint], AllocatorClient.AllocatorFailure>
    ) {
        if case .failure(let failure) = result, failure.isShortage { return ended(.shortage(detail: failure.detail)) }
        phase = .resting
        var cause: LossCause?
        if case .failure(let failure) = result, let tls = failure.tls {
            cause = services.wallClock.judge(.tls(tls))
            if cause?.isOfClock == false { cause = nil }
        }
        if case .success(let endpoints) = result { services.allocations.keep(endpoints, from: url) }
        let last = services.allocations.servers(from: url)
        tell { supervisor, now in
            switch result {
            case .success(let endpoints): supervisor.allocatorAnswered(endpoints, at: now)
            case .failure(let failure):
                supervisor.allocatorFailed("\(url.withoutQuery): \(failure.detail)", cause, last: last, at: now)
            }
        }
    }
}
