import MPushControl

extension ControlClient {
    /// `name`, or the name of the only identity there is.
    func identity(_ name: String?) throws(ControlFailure) -> String {
        if let name { return name }
        let names = try get("/v1/status", as: DaemonStatus.self).identities.map(\.name)
        guard names.count == 1, let only = names.first else {
            throw .usage("there are several identities. Say which with --identity: \(names.joined(separator: ", "))")
        }
        return only
    }
}
