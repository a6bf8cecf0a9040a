async def measure(folders, questions):
    print("later")
