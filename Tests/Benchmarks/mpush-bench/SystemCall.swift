import Glibc

/// What a system call returned, or why it failed.
func checked<Result: SignedInteger>(_ what: String, _ call: () -> Result) throws(BenchError) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        if errno != EINTR { throw BenchError("\(what): \(String(cString: strerror(errno)))") }
    }
}
