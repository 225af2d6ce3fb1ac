import MPushConfiguration
import MPushConnection
package import MPushControl
import MPushDelivery
package import MPushIdentity
import MPushInbox
import MPushJSON
import MPushModel
import MPushPlatform
import MPushSession
import MPushWire
import NIOCore

/// What can be changed.
extension DaemonService {
    // MARK: - Messages

    package func acknowledge(_ request: ConsumerRequest<AckRequest>, answer: @escaping Answer<AckAnswer>) {
        let consumer = request.consumer
        let (acknowledgement, count): (Acknowledgement, Int) =
            switch request.request {
            case .upTo(let position): (.upTo(MessagePosition(rawValue: position)), 1)
            case .positions(let positions): (.each(positions.map { MessagePosition(rawValue: $0) }), positions.count)
            }
        delivery.acknowledge(acknowledgement, by: consumer) { failure in
            answer(
                failure.map { .failure($0.problem) } ?? .success(AckAnswer(consumer: consumer, acknowledged: count)))
        }
    }

    package func removeConsumer(_ request: RemoveConsumerRequest, answer: @escaping Answer<NoContent>) {
        let name = request.consumer
        guard !connectedFollowers().contains(where: { $0.consumer == name }) else {
            return answer(
                .failure(
                    Problem(
                        .consumerInUse, "\(name) is connected. End its follower first.", ["consumer": .string(name)])))
        }
        inbox.removeConsumer(.follower(name)) { failure in
            answer(failure.map { .failure($0.problem) } ?? .success(NoContent()))
        }
    }

    package func sendAgain(_ selection: DeadLetterSelection, answer: @escaping Answer<DeadLetterAnswer>) {
        let positions = selection.positions?.map { MessagePosition(rawValue: $0) }
        delivery.sendAgain(positions, of: selection.route) { [self] result in
            answer(deadLetterAnswer(result, selection.route))
        }
    }

    package func discard(_ selection: DeadLetterSelection, answer: @escaping Answer<DeadLetterAnswer>) {
        let positions = selection.positions?.map { MessagePosition(rawValue: $0) }
        delivery.discard(positions, of: selection.route) { [self] result in
            answer(deadLetterAnswer(result, selection.route))
        }
    }

    private func deadLetterAnswer(
        _ result: Result<Int, InboxFailure>, _ route: String
    ) -> Result<DeadLetterAnswer, Problem> {
        result.map { DeadLetterAnswer(route: route, count: $0) }
            .mapError { $0.kind == .noSuch ? noSuchRoute(route) : $0.problem }
    }

    // MARK: - Upstream

    func push(_ request: PushRequest, answer: @escaping Answer<PushAnswer>) {
        with(request.identity, answer) { runner in
            let (name, clock) = (runner.profile.name, clock)
            let start = clock.now
            runner.push(ByteBuffer(bytes: request.content.bytes), isAcknowledged: request.awaitsAck) { outcome in
                answer(
                    outcome.result(for: runner).map { _ in
                        PushAnswer(identity: name, isAcknowledged: request.awaitsAck, took: clock.now - start)
                    })
            }
        }
    }

    func http(_ request: ControlHTTPRequest, answer: @escaping Answer<ControlHTTPAnswer>) {
        with(request.identity, answer) { runner in
            let (name, clock) = (runner.profile.name, clock)
            let start = clock.now
            let method: HTTPProxyMethod =
                switch request.method {
                case .get: .get
                case .post: .post
                case .put: .put
                case .delete: .delete
                }
            let proxied = HTTPProxyRequest(
                method: method, uri: request.url,
                headers: request.headers.map { HTTPProxyHeader(name: $0.name, value: $0.value) },
                body: ByteBuffer(bytes: request.body?.bytes ?? []))
            runner.http(proxied) { outcome in
                answer(
                    outcome.result(for: runner).flatMap { got in
                        guard let got else {
                            return .failure(
                                Problem(
                                    .serverRefused, "The server answered without an HTTP answer.",
                                    ["identity": .string(name)]))
                        }
                        var answer = ControlHTTPAnswer(
                            identity: name, status: Int(got.status), reason: got.reason,
                            body: MessageContent(Array(got.body.readableBytesView)), took: clock.now - start)
                        answer.headers = got.headers.map { HeadField(name: $0.name, value: $0.value) }
                        return .success(answer)
                    })
            }
        }
    }

    // MARK: - Binding

    package func bind(_ request: MPushControl.ControlBindRequest, answer: @escaping Answer<BindAnswer>) {
        with(request.identity, answer) { runner in
            runner.bind(user: request.user, tags: request.tags) { outcome in answer(outcome.binding(of: runner)) }
        }
    }

    package func setTags(_ request: TagsRequest, answer: @escaping Answer<BindAnswer>) {
        with(request.identity, answer) { runner in
            runner.setTags(request.tags) { outcome in answer(outcome.binding(of: runner)) }
        }
    }

    package func unbind(_ request: UnbindRequest, answer: @escaping Answer<BindAnswer>) {
        with(request.identity, answer) { runner in
            runner.unbind { outcome in answer(outcome.binding(of: runner)) }
        }
    }

    // MARK: - Steering

    package func reload(_ request: ReloadRequest, answer: @escaping Answer<ReloadAnswer>) {
        let owner: any ConfigurationOwner
        do throws(Problem) { owner = try configurationOwner() } catch { return answer(.failure(error)) }
        do throws(ConfigurationErrors) {
            try owner.reload()
            let settings = owner.settings
            answer(
                .success(
                    ReloadAnswer(
                        file: facts.configurationFile, summary: settings.summary,
                        warnings: settings.warnings.map(\.plainText))))
        } catch {
            answer(
                .failure(
                    Problem(
                        .badConfiguration, "The configuration before stays in force.\n\(error)",
                        ["errors": .array(error.errors.map { .string("\($0)") })])))
        }
    }

    package func steer(
        _ order: (IdentityRunner) -> () -> Void, _ request: SteeringRequest, answer: @escaping Answer<SteeringAnswer>
    ) {
        var chosen = fleet.runners
        if let name = request.identity {
            do throws(Problem) { chosen = [try runner(name)] } catch { return answer(.failure(error)) }
        }
        for runner in chosen { order(runner)() }
        answer(.success(SteeringAnswer(identities: chosen.map(\.identityState))))
    }
}
