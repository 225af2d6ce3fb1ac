import ArgumentParser

SimulatorProgram.main()
