/// The local API.
extension Daemon {
    func openAPI() {
        let control = DaemonControl(self)
        self.control = control
        intake?.onStored = { [weak control] messages in control?.tails.stored(messages) }
    }

    func closeAPI() {
        control?.tails.end("mpushd is stopping")
    }

    var metricsText: String { "" }
}
