print("mpushd")
