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

    /// A session is open at `endpoint`. Where the allocator named it, its answer is one to begin with after a start; one that
    /// names nobody who is there must not take the place of a good one.
    func keepAnswer(thatNamed endpoint: Endpoint) {
        guard let url = supervisor.allocator, supervisor.allocated.contains(endpoint) else { return }
        services.allocations.keep(supervisor.allocated, from: url)
    }

    /// Whether the server of the connection is one of those that `settings` lead to.
    func isStillPlanned(in settings: LoadedSettings) -> Bool {
        guard let endpoint = connection?.endpoint else { return true }
        let allocator = settings.plan.allocator
        return settings.plan.endpoints.contains(endpoint)
            || (allocator != nil && allocator == self.settings.plan.allocator)
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
