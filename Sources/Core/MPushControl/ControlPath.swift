/// The paths of the local API.
package enum ControlPath {
    /// Before all but `/metrics`, `/healthz` and `/openapi.json`.
    package static let version = "/v1"
}
