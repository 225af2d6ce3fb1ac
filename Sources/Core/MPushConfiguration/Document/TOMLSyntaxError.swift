/// Why a text is no TOML document, and where that was met.
struct TOMLSyntaxError: Error, Equatable {
    let position: TextPosition
    let message: String
}
