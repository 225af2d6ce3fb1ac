import Testing

/// What STYLE asks for and a compiler does not see.
@Suite struct StyleTests {
    @Test func coreHasNoClockNoChanceAndNoVoice() throws {
        let banned = ["ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator", "print", "debugPrint"]
        for file in try SourceFile.all(on: "Core") {
            #expect(file.words.isDisjoint(with: banned), "\(file)")
        }
    }

    @Test func librariesDoNotPrint() throws {
        for file in try SourceFile.all(on: "Shell") {
            #expect(!file.code.contains { $0.contains("rint(") && $0.contains(/^ *(?:print|debugPrint)\(/) }, "\(file)")
        }
    }

    @Test func nothingTrapsAndNothingLeavesItsLoop() throws {
        for file in try SourceFile.all() {
            #expect(
                file.words.isDisjoint(with: ["fatalError", "preconditionFailure", "Task", "async", "await"]), "\(file)")
            #expect(!file.code.contains { $0.contains("try!") || $0.contains("as!") }, "\(file)")
        }
    }

    /// A closure directly in a generic box that is read through `inout` is wrapped once more at each access: each call of it
    /// costs more than the one before, until the stack is full. A struct or class around it keeps it as it is.
    @Test func noClosureStandsDirectlyInAMutex() throws {
        for file in try SourceFile.all() {
            #expect(!file.text.contains(Self.boxedClosure), "\(file)")
        }
    }

    @Test(arguments: [
        ("Mutex<(() -> Void)?>(nil)", true), ("Mutex<(@Sendable () -> Void)?>", true), ("Mutex<() -> Int>", true),
        ("let m: Mutex<Optional<@Sendable (Int) throws -> Void>>", true), ("Mutex<[String: () -> Void]>", true),
        ("Mutex<State>(State())", false), ("Mutex<[Entry]>([]) // ->", false),
        ("func f(_ m: Mutex<Int>) -> Set<Int>", false),
    ])
    func closuresInMutexesAreFound(line: String, isFound: Bool) {
        #expect(line.contains(Self.boxedClosure) == isFound)
    }

    private static var boxedClosure: Regex<Substring> { /Mutex<(?:[^>\-\n]|-[^>])*->/ }

    @Test func filesAreNamedAfterATypeInThem() throws {
        for file in try SourceFile.all() where file.name != "main" && !file.isNamedAfterAKind {
            let type = file.name.prefix { $0 != "+" }
            let keywords =
                file.name.contains("+") ? "extension" : "struct|class|enum|actor|protocol|extension|typealias"
            // Unicode's own word boundaries do not part `Outer.Inner`.
            let declaration = try Regex("\\b(?:\(keywords))\\s+(?:\\w+\\.)*\(type)\\b")
                .wordBoundaryKind(.simple)
            let candidates = file.code.filter { $0.contains(type) }
            #expect(candidates.contains { $0.contains(declaration) }, "\(file)")
        }
    }
}
