// Placeholder until the first type is here.
