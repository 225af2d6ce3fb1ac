print("mpush-sim")
