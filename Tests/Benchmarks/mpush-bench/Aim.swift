/// What the project set out to reach, and whether it did.
struct Aim: Encodable {
    let what: String
    let measured: String
    let isMet: Bool
}
