import CLinux

/// Why a program could not be started.
struct ProgramStartFailure: Error {
    /// An errno(3).
    let number: CInt
    let step: ProgramEnd.Step

    init(number: CInt, step: ProgramEnd.Step) {
        self.number = number
        self.step = step
    }

    init(number: CInt, step: clinux_step) {
        self.number = number
        self.step =
            switch step {
            case CLINUX_STEP_DIRECTORY: .directory
            case CLINUX_STEP_EXECUTE: .execute
            default: .prepare
            }
    }
}
