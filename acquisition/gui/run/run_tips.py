"""What the buttons of the Run dock do, in words of physics."""

CHECK_TIP = (
    "Tries the whole sequence on a twin of the rig: time, data, light dose, expected counts and errors. "
    "No instrument is touched."
)
START_TIP = "Switches the instruments on and measures."
QUEUE_TIP = "Puts it behind what waits on the Queue page."
