import MPushConfiguration
package import MPushModel
package import MPushTLS
package import NIOCore

/// Asks an allocator where to connect to: one GET, one answer in plain text, `ip:port,ip:port,...` (PROTOCOL.md section
/// 8). Bounded in time and size. Belongs to its event loop; used once.
package final class AllocatorClient {
    package typealias Completion = (Result<[Endpoint], AllocatorFailure>) -> Void

    /// Why there is no answer that can be used, in words.
    package struct AllocatorFailure: Error, Equatable {
        /// Words that stand after the allocator's name.
        package let detail: String
        /// Whether it could not be asked, because this machine is short of something.
        package var isShortage = false
        /// Why TLS failed, where that is what did.
        package var tls: TLSFailure?
    }

    private static let longestAnswer = 64 * 1024
    /// Servers of an answer beyond these are not tried.
    package static let mostEndpoints = 64

    private let client: HTTPClient

    /// - Parameters:
    ///   - tls: for https; nil for http.
    ///   - proxy: what the way leads through, where it does.
    package init(
        _ url: HTTPURL, tls: TLSContext?, proxy: LoadedProxy? = nil, timeout: Duration, userAgent: String,
        in surroundings: Connector.Environment, completion: @escaping Completion
    ) {
        let fields = [(name: "User-Agent", value: userAgent), (name: "Accept", value: "text/plain")]
        client = HTTPClient(
            HTTPRequest(.get, url, fields: fields), tls: tls, proxy: proxy, timeout: timeout,
            longestBody: AllocatorClient.longestAnswer, in: surroundings
        ) { result in
            completion(AllocatorClient.endpoints(in: result))
        }
    }

    /// Begins. The completion is called once, later, unless `cancel` comes before.
    package func start() { client.start() }

    /// Begins over `channel`, which is connected, in place of a connection of its own.
    package func start(over channel: any Channel) { client.start(over: channel) }

    /// Gives up without a word.
    package func cancel() { client.cancel() }

    private static func endpoints(in result: Result<HTTPAnswer, HTTPFailure>) -> Result<[Endpoint], AllocatorFailure> {
        switch result {
        case .failure(let failure):
            return .failure(AllocatorFailure(detail: failure.detail, isShortage: failure.isShortage, tls: failure.tls))
        case .success(let answer) where answer.status != 200:
            return .failure(AllocatorFailure(detail: "it answered \(answer.status) \(answer.reason)"))
        case .success(let answer):
            let text = String(buffer: answer.body)
            guard !isPage(text, type: answer.field("Content-Type")) else {
                return .failure(AllocatorFailure(detail: "it answered with a web page, not with a list of servers"))
            }
            let endpoints = endpoints(in: text)
            let failure = AllocatorFailure(detail: "its answer names no server that could be used")
            return endpoints.isEmpty ? .failure(failure) : .success(endpoints)
        }
    }

    /// The servers that `text` names, the best first, at most `mostEndpoints`; what is no `host:port` is passed over.
    static func endpoints(in text: String) -> [Endpoint] {
        Array(words(of: text).lazy.compactMap { try? Endpoint(parsing: String($0)) }.prefix(mostEndpoints))
    }

    /// Whether `text` is a page, as of a portal that wants a login: scripts have words like `b:2`. Some allocators call their
    /// lists HTML, for want of a better word.
    static func isPage(_ text: String, type: String?) -> Bool {
        if text.unicodeScalars.first(where: { !$0.properties.isWhitespace && $0 != "\u{FEFF}" }) == "<" { return true }
        guard type?.lowercased().hasPrefix("text/html") == true else { return false }
        return words(of: text).contains { (try? Endpoint(parsing: String($0))) == nil }
    }

    private static func words(of text: String) -> [Substring] {
        text.split { $0 == "," || $0.isWhitespace }
    }
}
