import MPushCipher
package import MPushConfiguration
import MPushModel
package import MPushSystemd

extension Logger {
    /// Logs each error of a configuration that is rejected, and what follows from it.
    package func reject(_ errors: ConfigurationErrors, file: String, consequence: String) {
        for problem in errors.errors { log(.configurationRejected, "\(problem)", Logger.fields(of: problem)) }
        let count = errors.errors.count
        log(.error, "\(file): \(count) \(count == 1 ? "error" : "errors"); \(consequence)", [.file(file)])
    }

    /// Logs a warning about a configuration that is in force, with the event that it stands for.
    package func warn(of problem: ConfigurationProblem, in settings: LoadedSettings) {
        let endpoint = settings.configuration.server.endpoints.first
        let fields = Logger.fields(of: problem) + (endpoint.map { [.endpoint("\($0)")] } ?? [])
        let text = problem.plainText
        switch problem.location.key {
        case "server.transport": log(.plaintext, text, fields)
        case "server.public_key":
            log(
                settings.serverKeys.contains(where: \.isPublishedDefault) ? .defaultServerKey : .weakServerKey, text,
                fields)
        default: log(.warning, text, fields)
        }
    }

    private static func fields(of problem: ConfigurationProblem) -> [JournalField] {
        let place = problem.location
        return [.file(place.file)]
            + [place.line.map(JournalField.line), place.key.map(JournalField.key)].compactMap(\.self)
    }
}
