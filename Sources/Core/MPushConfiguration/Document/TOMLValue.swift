/// What a TOML document is made of. Dates and times are recognised, to say that they are not wanted, and not read.
enum TOMLValue {
    case table([TOMLEntry])
    case array([TOMLNode])
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    case dateOrTime
}
