import Glibc
import MPushScene
import MPushWorld

/// The order of sets and dictionaries must not differ between two runs: the program starts itself anew with that said.
func startDeterministically() {
    guard getenv("SWIFT_DETERMINISTIC_HASHING") == nil else { return }
    setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
    var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    execv("/proc/self/exe", &arguments)
    perror("execv")
    exit(71)
}

startDeterministically()
// What the machine that this runs on trusts is no part of a world, and takes long to read.
setenv("SSL_CERT_FILE", "/dev/null", 1)
setenv("SSL_CERT_DIR", "/dev/null", 1)
EndRequest.listen()
exit(WorldCommand(Array(CommandLine.arguments.dropFirst())).run())
