/// What the server is to do with the address of an HTTP_PROXY request (PROTOCOL.md section 4.7).
package enum HTTPProxyMethod: UInt8, Sendable, CaseIterable {
    case get = 0
    case post = 1
    case put = 2
    case delete = 3
}
