import CFuzzer
import Glibc
import MPushFuzzing

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
let status = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
    do {
        try RoutingText.run(Array(UnsafeBufferPointer(start: data, count: size)))
    } catch {
        // A trap is how libFuzzer hears of it: it keeps the input.
        fatalError("\(error)")
    }
    return 0
}
exit(status)
