/// The local API.
extension Daemon {
    func openAPI() {}

    func closeAPI() {}
}
