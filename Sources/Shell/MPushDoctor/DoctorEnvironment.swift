import Glibc
import MPushConfiguration
import MPushSettings

/// The machine as the service sees it: where this process has no credentials of its own, the running service's are taken,
/// if they can be read.
struct DoctorEnvironment: ConfigurationEnvironment {
    static let serviceCredentials = "/run/credentials/mpushd.service"

    private let machine = MachineEnvironment()

    func variable(named name: String) -> String? {
        if let value = machine.variable(named: name) { return value }
        guard name == "CREDENTIALS_DIRECTORY", access(DoctorEnvironment.serviceCredentials, R_OK | X_OK) == 0 else {
            return nil
        }
        return DoctorEnvironment.serviceCredentials
    }

    func inspect(_ path: String) -> FileCondition { machine.inspect(path) }

    func group(named name: String) -> GroupCondition { machine.group(named: name) }
}
