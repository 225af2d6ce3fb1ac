import Glibc
import MPushConnection
import MPushModel
import MPushPlatform
import NIOCore

/// Tries to connect to each address of a server, all at once, and closes again: where one works, the daemon goes on with it
/// and never says what is wrong with the others. Belongs to its event loop; used once.
final class AddressSurvey {
    static let most = 8

    private let addresses: [SocketAddress]
    private let timer: LoopTimer
    private let network: any Network
    private var outcomes: [DoctorFacts.Address?]
    private var completion: (([DoctorFacts.Address]) -> Void)?

    init(
        of addresses: [SocketAddress], over network: any Network, by timer: LoopTimer,
        completion: @escaping ([DoctorFacts.Address]) -> Void
    ) {
        self.addresses = Array(addresses.prefix(AddressSurvey.most))
        self.network = network
        self.timer = timer
        self.completion = completion
        outcomes = Array(repeating: nil, count: self.addresses.count)
    }

    /// Begins. `completion` is called once, within `limit` or so, with what came of each address.
    func start(within limit: Duration) {
        let began = timer.now
        for (index, address) in addresses.enumerated() {
            network.connect(
                to: address, timeout: limit, userTimeout: limit, on: timer.eventLoop, onChannel: { _ in }
            ).assumeIsolated().whenComplete { [self] result in
                switch result {
                case .success(let channel):
                    channel.close(promise: nil)
                    ended(index, .reached(after: timer.now - began))
                case .failure(let error):
                    ended(
                        index, .failed(AddressSurvey.failure(error), text: ConnectFailureText.text(for: error)))
                }
            }
        }
        timer.schedule(in: limit + .milliseconds(200)) { [weak self] in
            guard let self else { return }
            for (index, outcome) in outcomes.enumerated() where outcome == nil {
                ended(index, .failed(.noAnswer, text: "no answer"))
            }
        }
    }

    private func ended(_ index: Int, _ outcome: DoctorFacts.Address.Outcome) {
        guard outcomes[index] == nil else { return }
        let address = addresses[index]
        outcomes[index] = DoctorFacts.Address(
            text: address.humanReadable, isIPv6: address.protocol == .inet6, outcome: outcome)
        let known = outcomes.compactMap(\.self)
        guard known.count == addresses.count, let completion else { return }
        self.completion = nil
        completion(known)
    }

    private static func failure(_ error: any Error) -> DoctorFacts.Address.Failure {
        guard let error = error as? IOError else { return .noAnswer }
        return switch error.errnoCode {
        case ECONNREFUSED: .refused
        case ENETUNREACH, EADDRNOTAVAIL: .noRoute
        case EHOSTUNREACH, EACCES, EPERM, EPROTO, ENOPROTOOPT: .unreachable
        case ETIMEDOUT: .noAnswer
        case let number where OSError.isShortage(number): .shortage
        default: .other
        }
    }
}
