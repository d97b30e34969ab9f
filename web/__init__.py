"""The face of Ratchet in the browser and over HTTP: the only package that knows Flask. It asks the engine and shows what it answers."""
