/// The methods of HTTP requests through the connection (PROTOCOL section 4.7).
package enum ProxyMethod: String, CaseIterable, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
}
