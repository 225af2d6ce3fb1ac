import MPushSimulator
import Testing

@Suite struct TextWrappingTests {
    @Test(arguments: [
        ("", 10, [""]), ("short", 10, ["short"]), ("exactly 10", 10, ["exactly 10"]),
        ("one two three", 7, ["one two", "three"]), ("one two three", 8, ["one two", "three"]),
        ("a,b,cdefgh", 5, ["a,b,", "cdefg", "h"]), ("abcdefgh", 3, ["abc", "def", "gh"]), (" lead", 3, [" le", "ad"]),
        ("word   ", 5, ["word"]),
    ])
    func breaksWhereAPersonWould(text: String, width: Int, expected: [String]) {
        #expect(TextWrapping.lines(of: text, width: width) == expected)
    }

    @Test(arguments: [nil, 0, -1])
    func withoutAWidthNothingIsBroken(width: Int?) {
        #expect(TextWrapping.lines(of: "one two three", width: width) == ["one two three"])
    }
}
