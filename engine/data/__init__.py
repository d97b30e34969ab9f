"""The data factory: every table of the registry is a resource that is created, read, changed and deleted with its history."""
