// Placeholder until the first command is here.
