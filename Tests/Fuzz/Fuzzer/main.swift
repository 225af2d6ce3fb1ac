import CFuzzer
import Glibc
import MPushFuzzing

// All targets are in one program, which does as the name says that it is called by: run.sh makes a link for each. It is
// no argument, because libFuzzer hands on its arguments, and its name, to the processes that it starts.
//
//   mpush-fuzz                     the targets' names, one on a line
//   fuzz-TARGET [ARGUMENT]...      fuzzes one; the arguments are libFuzzer's

enum Chosen {
    static let target = FuzzTarget.all.first { CommandLine.arguments.first?.hasSuffix("/fuzz-\($0.name)") == true }
}

guard Chosen.target != nil else {
    for target in FuzzTarget.all { print(target.name) }
    exit(0)
}
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
let status = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
    do {
        try Chosen.target?.run(Array(UnsafeBufferPointer(start: data, count: size)))
    } catch {
        // A trap is how libFuzzer hears of it: it keeps the input.
        fatalError("\(error)")
    }
    return 0
}
exit(status)
